"""How many calls to AWS each act makes: the registry of bad days, which tests hold against what the sandbox sees."""

import json
import subprocess
import sys

from sescreds.run_environment import ROOT
from tests.bench.product import Product
from tests.bench.report import Report

# What is promised; an act that reads before it acts has its read in the number.
MOST = {
    "issue": 3,
    "issue an access key": 3,
    "issue-console": 3,
    "rotate": 2,  # of which one only because this one adds a region
    "retire": 2,
    "reactivate": 1,
    "suspend": 1,
    "resume": 1,
    "revoke": 3,
}
_READ = """
import django, json
django.setup()
from tests.services.bad_days import TRIALS
print(json.dumps([[trial.name, trial.calls] for trial in TRIALS]))
"""


def measure(product: Product, report: Report) -> None:
    report.section(
        "Calls to AWS", "as tests/services/test_bad_days.py holds them against the sandbox; one key to a credential"
    )
    environment = product.environment | {"DJANGO_SETTINGS_MODULE": "sescreds.settings"}
    told = subprocess.run(
        [sys.executable, "-c", _READ], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    rows = []
    for name, calls in json.loads(told.stdout):
        verdict = report.limit(f"calls to {name}", len(calls), most=MOST[name]) if name in MOST else ""
        rows.append([name, str(len(calls)), ", ".join(calls), verdict])
    report.table(["act", "calls", "which", "limit"], rows)
