"""Laws of the house that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("sescreds", "guidance", "provisioning")
MODULES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts
)
EXPLAINED = [path for path in MODULES if {"domain", "services", "gateway", "guidance"} & set(path.parts)]
VAGUE = {"utils", "helpers", "common", "core", "manager", "managers", "handler", "handlers", "misc"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_file_has_two_chapters(path):
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_names_explain_themselves(path):
    assert path.stem not in VAGUE


@pytest.mark.parametrize("path", EXPLAINED, ids=name)
def test_a_module_says_in_a_sentence_what_it_is(path):
    tree = ast.parse(path.read_text())
    assert not tree.body or ast.get_docstring(tree)


@pytest.mark.parametrize("path", EXPLAINED, ids=name)
def test_what_is_public_is_explained(path):
    silent = [
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


@pytest.mark.parametrize("path", [path for path in MODULES if "domain" in path.parts], ids=name)
def test_rules_are_told_the_time(path):
    """Time, randomness and people are arguments of a rule."""
    assert not re.search(r"\b(now|utcnow|today|uuid4|random|urandom|token_\w+)\(", path.read_text())


def test_no_door_calls_aws_inside_a_transaction():
    """A gateway call below `transaction.atomic()` would hold locks while AWS is waited for."""
    offenders = []
    for path in (ROOT / "provisioning" / "services").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.With) and any("atomic" in ast.unparse(item) for item in node.items):
                offenders += [
                    f"{path.name}:{call.lineno}"
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call) and re.match(r"(gateway|smtp)\.(?!endpoints)", ast.unparse(call.func))
                ]
    assert offenders == []


def test_nothing_names_this_machine_or_a_registry():
    told = re.compile(r"/work/|/root/|pypi\.org|registry\.npmjs|deb\.debian")
    texts = [*MODULES, *ROOT.glob("*.md"), *ROOT.glob("*.txt"), ROOT / "Makefile", ROOT / "pyproject.toml"]
    assert [name(path) for path in texts if path.exists() and told.search(path.read_text())] == []
