"""What a clean machine relies on: the targets, the pins, the scripts, and a manage.py that says what it misses."""

import ast
import os
import re
import subprocess
import sys
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sescreds import web_server
from sescreds.run_environment import ROOT

TARGETS = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
FILES = ("requirements.txt", "requirements-sandbox.txt", "requirements-dev.txt")
PIN = re.compile(r"(?P<name>[a-z0-9.-]+)(\[[a-z0-9,]+\])?==[0-9][0-9a-z.]*")
SCRIPTS = [*sorted((ROOT / "setup").glob("*.sh")), ROOT / ".ci" / "run"]
ROOMS = ("sescreds", "guidance", "provisioning")


def pins(name):
    """What a requirements file and those that it names pin."""
    found = set()
    for line in (ROOT / name).read_text().splitlines():
        if line.startswith("-r "):
            found |= pins(line.removeprefix("-r ").strip())
        elif line and not line.startswith("#"):
            found.add(canonicalize_name(PIN.fullmatch(line)["name"]))
    return found


def test_make_alone_says_what_each_target_does():
    printed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in set(TARGETS) - {"help"}:
        assert re.search(rf"^  make {target}\s+[A-Z].+\.$", printed, re.MULTILINE), target


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_pinned(name):
    for line in (ROOT / name).read_text().splitlines():
        assert not line or line.startswith(("#", "-r ")) or PIN.fullmatch(line), line


@pytest.mark.parametrize("name", FILES)
def test_the_pins_are_whole(name):
    """What a pinned package needs on this machine is pinned as well, so that two installations are the same."""
    pinned = pins(name)
    for each in pinned:
        for text in metadata.requires(each) or []:
            need = Requirement(text)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                assert canonicalize_name(need.name) in pinned, f"{each} needs {need.name}"


def runtime_imports(path):
    """The packages that a file imports when it runs, not those that only the type checker reads."""
    tree = ast.parse(path.read_text())
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-sandbox.txt"])
def test_the_product_imports_only_what_it_brings(name):
    brought, carriers = pins(name), metadata.packages_distributions()
    for path in [ROOT / "manage.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]:
        if name == "requirements.txt" and ROOT / "provisioning" / "sandbox" in path.parents:
            continue
        for package in set(runtime_imports(path)) - sys.stdlib_module_names - set(ROOMS):
            assert {canonicalize_name(carrier) for carrier in carriers[package]} & brought, f"{path}: {package}"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_read_by_its_shell(script):
    text = script.read_text()
    shell = "bash" if "bash" in text.partition("\n")[0] else "sh"
    assert subprocess.run([shell, "-n", str(script)], check=False).returncode == 0
    assert re.search(r"^set -e?u", text, re.MULTILINE)


def test_ci_runs_what_a_person_runs():
    script = ROOT / ".ci" / "run"
    assert script.read_text().rstrip().endswith("exec make test")
    assert os.access(script, os.X_OK)


def test_manage_py_says_what_it_misses_in_one_sentence(tmp_path):
    surroundings = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("SECRET_KEY is not set. To try the product here, start `make run` once")
    assert "Traceback" not in done.stderr


def test_gunicorn_shares_no_socket_with_another_instance():
    assert web_server.control_socket_disable is True
    assert (web_server.worker_class, web_server.threads) == ("gthread", 8)


def test_the_licence_is_there_in_full():
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
