"""What holds for every template, style sheet and script, read from the files themselves."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from sescreds.settings import COMPONENTS

ROOT = Path(__file__).resolve().parents[2]
UI = {name: import_module(f"sescreds.templatetags.ui.{name}") for name in COMPONENTS}
TAGS = {tag: getattr(module, tag) for module in UI.values() for tag in module.register.tags}
TEMPLATES = ROOT / "templates"
CSS = ROOT / "static/css"
ELEMENTS = sorted((ROOT / "static/js/elements").glob("*.js"))
SHEETS = sorted(CSS.rglob("*.css"))
HTML = sorted(TEMPLATES.rglob("*.html"))
WHOLE_PAGES_NOT = ("components/", "mail/", "django/", "base.html", "account/password_reset_help_text.html")
START_TAG = re.compile(r"<([a-z][\w-]*)((?:\{%.*?%\}|\{\{.*?\}\}|[^>])*)>", re.DOTALL)
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?%\}.*?\{% endcomment %\}|<!--.*?-->|/\*.*?\*/", re.DOTALL)


def name(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


def read(path: Path) -> str:
    return COMMENT.sub("", path.read_text())


def attribute(text: str, wanted: str) -> str | None:
    found = re.search(rf'\s{wanted}="((?:\{{%.*?%\}}|\{{\{{.*?\}}\}}|[^"])*)"', text)
    return found[1] if found else None


INCLUDED = {other.partition("#")[0] for path in HTML for other in re.findall(r'\{% include "([^"]+)"', read(path))}
# The guide's views render these once a process and put them into guidance/page.html.
BODIES = {f"guidance/{body}.html" for body in ("question", "recommendation", "regions", "table")}
every_template = pytest.mark.parametrize("path", HTML, ids=name)


@every_template
def test_no_inline_script_or_style(path):
    text = read(path)
    assert "<style" not in text
    for tag, attributes in START_TAG.findall(text):
        bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", attributes, flags=re.DOTALL)
        assert not re.search(r"\s(style|on[a-z]+)\s*=", bare), f"<{tag}{attributes}>"
        assert "javascript:" not in bare
        if tag == "script":
            assert " src=" in attributes, "scripts come from files, so that the policy needs no exception"


@every_template
def test_nothing_goes_around_escaping(path):
    assert not re.search(r"\|\s*safe\b|autoescape\s+off|safeseq", read(path))


@every_template
def test_htmx_only_enhances(path):
    text = read(path)
    for tag, attributes in START_TAG.findall(text):
        if (got := attribute(attributes, "hx-get")) is not None:
            bare = got.strip("{} ")
            links = (f'href="{got}"', f"href={bare}", f'action="{got}"')
            assert any(link in text for link in links), f"{got} must also be a link that works without scripts"
        if "hx-post" in attributes:
            assert tag == "form", f"hx-post on <{tag}>: put it on a real form"
            assert attribute(attributes, "method") == "post"
            assert attribute(attributes, "action") == attribute(attributes, "hx-post")
        assert not re.search(r"\shx-(on|vals=.js:)", attributes), "needs eval, which the policy forbids"


@every_template
def test_every_page_stands_on_the_base(path):
    if name(path).startswith(WHOLE_PAGES_NOT) or name(path) in INCLUDED | BODIES:
        return
    parent = path
    while parent != TEMPLATES / "base.html":
        found = re.match(r'\{% extends "([^"]+)" %\}', parent.read_text())
        assert found, f"{name(parent)} extends nothing, and no template includes it"
        parent = TEMPLATES / found[1]


@every_template
def test_a_post_carries_its_proof(path):
    if name(path) == "components/dialog.html":
        return  # writes the token by itself, because it sees no request
    for form in re.findall(r"<form\b.*?</form>", read(path), re.DOTALL):
        if 'method="post"' in form:
            assert "{% csrf_token %}" in form


@every_template
def test_rows_of_a_folding_table_carry_roles(path):
    for opening, rows in re.findall(r"(\{% table .*?%\})(.*?)\{% endtable %\}", read(path), re.DOTALL):
        if "fold=True" not in opening:
            continue
        for tag, attributes in START_TAG.findall(rows):
            if tag in {"tr", "th", "td"}:
                assert ' role="' in attributes, f"<{tag}{attributes}>: changed display drops the role"


def test_the_guide_knows_nobody():
    own = {path.stem for path in (ROOT / "guidance/templatetags").glob("*.py")}
    for path in sorted((TEMPLATES / "guidance").rglob("*.html")):
        text = read(path)
        for library in re.findall(r"\{% load ([^%]*)%\}", text):
            assert set(library.split()) <= {"static", *own}, f"{name(path)} loads {library}"
        for other in re.findall(r'\{% (?:extends|include) "([^"]+)"', text):
            assert other == "base.html" or other.startswith(("guidance/", "components/")), f"{name(path)} uses {other}"
        assert not re.search(r"\{% (?:extends|include) [^\"]", text), "a name in quotes can be checked"


# Style ---------------------------------------------------------------------------------------------------------------


def test_the_layers_come_first_and_every_file_has_its_place():
    text = read(CSS / "app.css").strip()
    assert text.startswith("@layer reset, tokens, base, layout, components, utilities;")
    imported = re.findall(r'@import url\("([^"]+)"\)(?: layer\((\w+)\))?;', text)
    assert sorted(file for file, _ in imported) == sorted(
        str(p.relative_to(CSS)) for p in SHEETS if p.name != "app.css"
    )
    for file, layer in imported:
        assert layer == (
            "components" if file.startswith("components/") else "" if file == "base.css" else Path(file).stem
        )


@pytest.mark.parametrize("path", SHEETS, ids=lambda p: p.name)
def test_no_force_and_no_raw_colour(path):
    text = read(path)
    assert "!important" not in text
    assert text.count("{") == text.count("}")
    if path.name != "tokens.css":
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\b(rgb|hsl|oklch|oklab|lab|lch)a?\(", text), "use a token"
        unknown = set(re.findall(r"var\((--[\w-]+)\s*\)", text)) - set(
            re.findall(r"(--[\w-]+):", read(CSS / "tokens.css"))
        )
        assert not unknown, f"no such token: {unknown}"


def test_the_style_stays_small():
    assert sum(len(read(path)) for path in SHEETS) < 28_000


# Components and scripts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", sorted(TAGS))
def test_every_component_has_a_template_a_sentence_and_a_place_on_the_style_page(tag):
    assert TAGS[tag].__doc__
    assert TAGS[tag].__doc__.split()[0] in {"Show", "Load"}
    assert (TEMPLATES / f"components/{tag}.html").exists()
    if tag != "htmx":
        assert re.search(rf"\{{% {tag}\b", (TEMPLATES / "style.html").read_text()), f"/style/ does not show {tag}"


def test_the_components_mark_nothing_safe():
    assert not [path for path in (ROOT / "sescreds/templatetags").rglob("*.py") if "mark_safe" in path.read_text()]


def test_every_component_is_loaded_with_every_page():
    files = {path.stem for path in (ROOT / "sescreds/templatetags/ui").glob("*.py")}
    assert set(COMPONENTS) == files - {"__init__", "rendering"}


@pytest.mark.parametrize("path", ELEMENTS, ids=lambda p: p.name)
def test_an_element_is_small_and_stands_alone(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 60
    assert not re.search(r"^\s*(import|export)\b|\bimport\(|\beval\(|innerHTML|\.style\b", text, re.MULTILINE)
    assert re.findall(r'customElements\.define\("([\w-]+)"', text) == [path.stem]
    assert any(f"<{path.stem}" in template.read_text() for template in HTML), "no page uses it"
