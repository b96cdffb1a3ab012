"""Guide pages per second against a bare Django page on the same gunicorn."""

import subprocess
import sys
from pathlib import Path

import django
import gunicorn

from tests.bench.product import Product
from tests.bench.report import Pairs, Report, Spread

QUARTER = 0.25
CONNECTIONS = 4
PAIRS = 5
BURST = 0.5  # seconds that a burst should take
SMTP_ONLY = "/guide/wizard/?who=software&where=outside&speaks=smtp"
PAGES = {
    "/guide/": "the table",
    "/guide/wizard/": "the first question",
    "/guide/wizard/?who=software&where=aws": "a later question",
    SMTP_ONLY: "a recommendation",
    "/guide/regions/": "regions",
}


def measure(product: Product, report: Report) -> None:
    report.section(
        "Guide pages, requests per second for people who are not signed in",
        f"ours: {product.settings}, every middleware of the product, gzip as browsers ask for it",
        f"bare: {product.settings}, one template with a loop, no middleware, the same headers asked",
        f"both: {CONNECTIONS} connections kept alive from a process of its own; {PAIRS} pairs of bursts of about "
        f"{BURST} s; gunicorn {gunicorn.__version__}, Django {django.__version__}",
    )
    bare_count = _count(product.bare_port, "/")
    rows = []
    for path, name in PAGES.items():
        count = _count(product.web_port, path)
        ours, bare = [], []
        for _ in range(PAIRS):
            ours.append(count / _burst(product.web_port, path, count))
            bare.append(bare_count / _burst(product.bare_port, "/", bare_count))
        pairs = Pairs(ours, bare)
        verdict = report.limit(f"guide, {name}", pairs.ratio.median, least=QUARTER)
        shown = [Spread(ours).shown(digits=0), Spread(bare).shown(digits=0), pairs.ratio.shown(digits=2)]
        rows.append([name, *shown, verdict])
    report.table(["page", "ours, 1/s", "bare, 1/s", "ours : bare", "limit"], rows)


def _count(port: int, path: str) -> int:
    """Warm up; return how many requests make a burst."""
    _burst(port, path, 40)
    return max(20, int(BURST * 100 / _burst(port, path, 100)))


def _burst(port: int, path: str, requests: int) -> float:
    command = [sys.executable, "-I", str(Path(__file__).with_name("load.py"))]
    done = subprocess.run(
        [*command, str(port), path, str(requests), str(CONNECTIONS)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode:
        raise SystemExit(f"The load generator failed at {path}: {done.stderr}")
    return float(done.stdout)
