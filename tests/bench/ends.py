"""The sweep of what has expired: two workers against one, while each call to AWS takes as long as IAM's do."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.bench.issuing import LIKE_IAM
from tests.bench.product import Product
from tests.bench.report import Report, Spread

LEAST = 1.6  # how many times as fast two are: twice, but for what they share
LONGEST = 240  # seconds


def measure(product: Product, database: Path, report: Report) -> None:
    environment = product.environment | {"DATABASE_URL": f"sqlite:///{database}", "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "tests.bench.expiring", str(LIKE_IAM)]
    done = subprocess.run(
        command, env=os.environ | environment, stdout=subprocess.PIPE, text=True, timeout=LONGEST, check=True
    )
    found = json.loads(done.stdout)
    report.section(
        "Deleting what has expired, s",
        f"workers are processes, SQLite {sqlite3.sqlite_version} in a file; {found['due']} due of {found['rows']:,} "
        f"credentials, three calls each, which the sandbox answers {LIKE_IAM * 1000:.0f} ms late",
    )
    ratio = Spread([one / two for one, two in zip(found["one"], found["two"], strict=True)])
    verdict = report.limit("two workers at what has expired", ratio.median, least=LEAST)
    spreads = [Spread(found[name]).shown(digits=2) for name in ("one", "two")]
    report.table(
        ["rounds", "one worker", "two workers", "one : two", "limit"],
        [
            [
                str(len(found["one"])),
                *spreads,
                ratio.shown(digits=2),
                verdict,
            ]
        ],
    )
