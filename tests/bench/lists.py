"""Lists with 10 rows and with 10,000, and a long history: as many queries, and how long each page takes."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.bench.product import Product
from tests.bench.report import Report, Spread, ms

MOST_QUERIES = 8
LONGEST = 90  # seconds for filling and measuring


def copy_of(product: Product, name: str = "lists") -> Path:
    """Return a database like that of the product, before anybody has issued anything."""
    copy = product.var / f"{name}.sqlite3"
    with closing(sqlite3.connect(product.database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def measure(product: Product, database: Path, report: Report) -> None:
    environment = product.environment | {"DATABASE_URL": f"sqlite:///{database}", "LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "tests.bench.long_lists"]
    done = subprocess.run(
        command, env=os.environ | environment, stdout=subprocess.PIPE, text=True, timeout=LONGEST, check=True
    )
    found = json.loads(done.stdout)
    report.section(
        "Lists: queries and time of a page",
        f"Django's test client in a process of its own, SQLite {sqlite3.sqlite_version} in a file, all middleware; "
        f"median of {found['repeats']}",
    )
    _queries(found, report)
    _times(found, report)


def _queries(found: dict, report: Report) -> None:
    rows = []
    for name, (few, few_seconds) in found["few"].items():
        many, many_seconds = found["many"][name]
        words = report.limit(f"queries, {name}", max(few, many), most=MOST_QUERIES)
        if few != many:
            report.limit(f"queries, {name}: more rows ask more often", many - few, most=0)
        rows.append([name, str(few), str(many), words, ms(few_seconds), ms(many_seconds)])
    report.table(["page", "10 rows", "10,000 rows", "limit", "10 rows, ms", "10,000 rows, ms"], rows)
    for name, queries in found["anonymous"].items():
        report.limit(f"queries, guide for strangers, {name}", queries, most=0)
    report.note(f"Guide pages for people who are not signed in: {sum(found['anonymous'].values())} queries.\n")


def _times(found: dict, report: Report) -> None:
    report.note(f"A history of {found['events']:,} events, written in {found['filled']:.1f} s. Time of a page, ms:\n")
    people = list(found["history"])
    rows = [
        [name, *(Spread(found["history"][person][name]).shown(1000) for person in people)]
        for name in found["history"][people[0]]
    ]
    report.table(["history", *people], rows)
