"""What Lighthouse says of the two pages that strangers meet first. A program of Node, installed when asked for."""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from sescreds.run_environment import ROOT
from tests.bench.person import Person
from tests.bench.product import Product
from tests.bench.report import Report
from tests.desk import tools

PACKAGE = "lighthouse@12.8.2"
HOME = ROOT / ".venv" / PACKAGE.replace("@", "-")
PROGRAM = HOME / "node_modules" / ".bin" / "lighthouse"
PAGES = {"the guide's table": "/guide/", "sign-in": "/accounts/login/"}
LEAST = {"accessibility": 100, "best-practices": 100, "seo": 100, "performance": 98}
TRIES = 3  # of one run
RUNS = 3  # what else the machine does meanwhile moves a score, so the middle one counts
PATIENCE = 300  # seconds, for installing it and for one page


def measure(product: Product, report: Report) -> None:
    report.section(
        "Lighthouse", f"{PACKAGE}, preset for phones, headless Chromium; scores out of 100, the median of {RUNS} runs"
    )
    browser = tools.find_browser()
    missing = "no browser was found" if not browser else _why_not_installed()
    if missing:
        report.unmeasured("Lighthouse", missing)
        return
    rows = []
    for name, path in PAGES.items():
        Person(product.web_port).get(path)  # the first answer of a process reads its templates
        runs = [_scores(f"http://127.0.0.1:{product.web_port}{path}", browser) for _ in range(RUNS)]
        for category, least in LEAST.items():
            score = statistics.median(run[category] for run in runs)
            verdict = report.limit(f"Lighthouse, {name}, {category}", score, least=least)
            rows.append([name, category, " ".join(f"{run[category]:.0f}" for run in runs), f"{score:.0f}", verdict])
    report.table(["page", "category", "runs", "score", "limit"], rows)


def _why_not_installed() -> str:
    """Install it where that was not done yet; return why it cannot be used, or ""."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "there is no node, or no npm"
    if not PROGRAM.exists():
        print(f"Installing {PACKAGE}.", flush=True)
        command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(HOME), PACKAGE]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode:
            return f"npm could not install it ({done.stderr.strip()[-200:]})"
    return ""


def _scores(address: str, browser: str) -> dict[str, float]:
    """Return the scores of one run. Where the browser gave it nothing to judge, Lighthouse itself asks for another."""
    for _ in range(TRIES):
        done, found = _run(address, browser)
        if found:
            return {category: 100 * found[category]["score"] for category in LEAST}
    raise SystemExit(f"Lighthouse failed {TRIES} times at {address}: {done.stderr.strip()[-800:]}")


def _run(address: str, browser: str) -> "tuple[subprocess.CompletedProcess[str], dict[str, dict[str, float]]]":
    with tempfile.TemporaryDirectory(prefix="sescreds-lighthouse-") as folder:
        report = Path(folder) / "report.json"
        options = ["--quiet", "--output=json", f"--output-path={report}", "--chrome-flags=--headless --no-sandbox"]
        options += [f"--only-categories={','.join(LEAST)}"]
        done = subprocess.run(
            [str(PROGRAM), address, *options],
            check=False,
            env=os.environ | {"CHROME_PATH": browser},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return done, {} if done.returncode else json.loads(report.read_text())["categories"]
