"""What Lighthouse says of the two pages that strangers meet first. A program of Node, installed when asked for."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from sescreds.run_environment import ROOT
from tests.bench.product import Product
from tests.bench.report import Report
from tests.desk import tools

PACKAGE = "lighthouse@12.8.2"
HOME = ROOT / ".venv" / PACKAGE.replace("@", "-")
PROGRAM = HOME / "node_modules" / ".bin" / "lighthouse"
PAGES = {"the guide's table": "/guide/", "sign-in": "/accounts/login/"}
LEAST = {"accessibility": 100, "best-practices": 100, "seo": 100, "performance": 98}
PATIENCE = 300  # seconds, for installing it and for one page


def measure(product: Product, report: Report) -> None:
    report.section("Lighthouse", f"{PACKAGE}, preset for phones, headless Chromium; scores out of 100")
    browser = tools.find_browser()
    missing = "no browser was found" if not browser else _why_not_installed()
    if missing:
        report.note(f"Not measured: {missing}.\n")
        return
    rows = []
    for name, path in PAGES.items():
        for category, score in _scores(f"http://127.0.0.1:{product.web_port}{path}", browser).items():
            verdict = report.limit(f"Lighthouse, {name}, {category}", score, least=LEAST[category])
            rows.append([name, category, f"{score:.0f}", verdict])
    report.table(["page", "category", "score", "limit"], rows)


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
        if done.returncode:
            raise SystemExit(f"Lighthouse failed at {address}: {done.stderr.strip()[-800:]}")
        found = json.loads(report.read_text())["categories"]
    return {category: 100 * found[category]["score"] for category in LEAST}
