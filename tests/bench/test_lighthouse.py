"""What could not be measured does not count as held."""

import pytest

from tests.bench import lighthouse
from tests.bench.report import Report
from tests.desk import tools


@pytest.mark.parametrize(("browser", "why"), [("", "no browser was found"), ("/usr/bin/chromium", "there is no node")])
def test_a_measurement_that_cannot_be_made_is_a_broken_limit(monkeypatch, capsys, browser, why):
    monkeypatch.setattr(tools, "find_browser", lambda: browser)
    monkeypatch.setattr(lighthouse.shutil, "which", lambda _: None)
    report = Report()
    lighthouse.measure(None, report)
    assert report.end() == 1
    assert f"not measured, {why}" in capsys.readouterr().out
