"""One noun, everywhere: every act has its service, its address, its row in the role table and its test.

The table is in provisioning/README.md, so that a newcomer reads what the test walks.
"""

import importlib
import re
from pathlib import Path

import pytest
from django.urls import get_resolver

from provisioning.domain.roles import THE_TABLE, Act, Role

ROOT = Path(__file__).resolve().parents[2]
CARD = (ROOT / "provisioning" / "README.md").read_text()
ROW = re.compile(
    r"^\| `(?P<act>[a-z]+:[a-z]+)` \| (?P<service>[^|]+) \| (?P<door>[^|]+) \| (?P<test>[^|]+) \|$", re.MULTILINE
)
ROWS = {row["act"]: {name: row[name].strip() for name in ("service", "door", "test")} for row in ROW.finditer(CARD)}


def routes() -> set[str]:
    both = ("sescreds.urls", "provisioning.urls")  # what allauth serves stands in the first
    return {str(pattern.pattern) for urls in both for pattern in get_resolver(urls).url_patterns}


def test_the_card_names_every_act_and_no_other():
    assert set(ROWS) == {act.value for act in Act}


@pytest.mark.parametrize("act", list(Act))
def test_an_act_has_a_row_in_the_role_table(act):
    assert set(THE_TABLE[act]) == set(Role)


@pytest.mark.parametrize("act", list(Act))
def test_an_act_has_its_service(act):
    module, _, function = ROWS[act]["service"].strip("`").rpartition(".")
    assert callable(getattr(importlib.import_module(f"provisioning.{module}"), function))


@pytest.mark.parametrize("act", list(Act))
def test_an_act_has_its_address_or_says_why_not(act):
    door = ROWS[act]["door"]
    address = re.match(r"`/([^`]*)`", door)
    sweep = re.match(r"`manage\.py sweep (\w+)`", door)
    if address:
        assert re.sub(r"<(\w+)>", r"<\1>", address[1]) in {re.sub(r"<\w+:(\w+)>", r"<\1>", route) for route in routes()}
    else:
        from provisioning.services.sweeps import SWEEPS

        assert sweep
        assert sweep[1] in SWEEPS


@pytest.mark.parametrize("act", list(Act))
def test_an_act_has_its_test(act):
    path = ROOT / ROWS[act]["test"].strip("`")
    assert path.is_file()
    assert "def test_" in path.read_text()
