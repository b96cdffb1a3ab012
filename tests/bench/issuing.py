"""Issuing over HTTP against the same three calls and the derivation made bare."""

import json
import sqlite3
import time
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import boto3
import django

from provisioning.domain import naming, sending_policy
from provisioning.domain.smtp_password import derive
from tests.bench.person import Person
from tests.bench.product import Product
from tests.bench.report import Pairs, Report, Spread

AT_ONCE, LIKE_IAM = 0.0, 0.060  # seconds that each call of the sandbox is held
LIMITS = {AT_ONCE: 2.5, LIKE_IAM: 1.2}
PAIRS = {AT_ONCE: 80, LIKE_IAM: 15}
WARM_UP = 4
REGIONS = ["eu-central-1", "us-east-1"]
SENDER = "digest@example.com"
DAYS = 90
TEAM = "newsletter"
TYPED = {
    "team": TEAM,
    "application": "weekly-digest",
    "purpose": "Sends the weekly digest.",
    "regions": REGIONS,
    "from_addresses": SENDER,
    "lifetime_days": DAYS,
}


class Ours:
    """A member who issues through the product."""

    def __init__(self, product: Product) -> None:
        with closing(sqlite3.connect(product.database, timeout=20)) as database, database:
            database.execute("UPDATE provisioning_team SET live_limit = 10000")
            self.team_id = database.execute("SELECT id FROM provisioning_team WHERE slug = ?", [TEAM]).fetchone()[0]
        self.person = Person(product.web_port)
        self.person.sign_in("member@example.com")

    def issue(self) -> float:
        """Describe and review, then return the seconds of the button alone."""
        _, address = self.person.review(TYPED)
        return self.person.issue(address)


class Bare:
    """The same calls from one warm client, with the dashboard's own key."""

    def __init__(self, product: Product, team_id: int) -> None:
        self.product, self.team_id = product, team_id
        self.iam = boto3.client(
            "iam",
            region_name="us-east-1",
            endpoint_url=product.aws_url,
            aws_access_key_id=product.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=product.environment["AWS_SECRET_ACCESS_KEY"],
        )
        self.made: list[tuple[str, str]] = []

    def issue(self) -> float:
        """Return the seconds of the three calls and the derivation."""
        act = uuid4()
        name = naming.user_name(TEAM, str(TYPED["application"]), act)
        policy = self._policy()
        tags = [{"Key": key, "Value": value} for key, value in naming.tags(act_id=act, team_id=self.team_id).items()]
        boundary = self.product.environment["AWS_BOUNDARY_ARN"]
        began = time.perf_counter()
        path = naming.user_path("/ses-dashboard/", TEAM)
        self.iam.create_user(UserName=name, Path=path, PermissionsBoundary=boundary, Tags=tags)
        self.iam.put_user_policy(UserName=name, PolicyName=naming.POLICY_NAME, PolicyDocument=policy)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        for region in REGIONS:
            derive(key["SecretAccessKey"], region)
        seconds = time.perf_counter() - began
        self.made.append((name, key["AccessKeyId"]))
        return seconds

    def _policy(self) -> str:
        end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=DAYS)
        account = self.product.environment["AWS_BOUNDARY_ARN"].split(":")[4]
        policy = sending_policy.sending_policy(
            partition="aws", account_id=account, regions=REGIONS, from_entries=[SENDER], expires_at=end
        )
        return sending_policy.as_text(policy)

    def clean_up(self) -> None:
        for name, key in self.made:
            self.iam.delete_access_key(UserName=name, AccessKeyId=key)
            self.iam.delete_user_policy(UserName=name, PolicyName=naming.POLICY_NAME)
            self.iam.delete_user(UserName=name)
        self.made.clear()


def measure(product: Product, report: Report) -> None:
    report.section(
        "Issuing an SMTP credential, from POST to its 303, ms",
        f"ours: {product.settings}, SQLite {sqlite3.sqlite_version} in a file (WAL), one kept connection, signed in",
        "bare: CreateUser (path, tags, boundary), PutUserPolicy, CreateAccessKey and the derivation, one warm client",
        f"both: the sandbox as a process of its own, {len(REGIONS)} regions; warm-up {WARM_UP}, then pairs in turn; "
        f"boto3 {boto3.__version__}, Django {django.__version__}",
    )
    ours, rows = Ours(product), []
    bare = Bare(product, ours.team_id)
    for delay, limit in LIMITS.items():
        _delay(product, delay)
        for _ in range(WARM_UP):
            ours.issue(), bare.issue()
        pairs = Pairs(*zip(*((ours.issue(), bare.issue()) for _ in range(PAIRS[delay])), strict=True))
        _delay(product, 0)
        bare.clean_up()
        name = f"sandbox answers {f'{delay * 1000:.0f} ms late' if delay else 'at once'}"
        verdict = report.limit(f"issuing, {name}", pairs.ratio.median, most=limit)
        spreads = [Spread(values).shown(1000) for values in (pairs.ours, pairs.bare, pairs.own.values)]
        rows.append([name, str(PAIRS[delay]), *spreads, pairs.ratio.shown(digits=2), verdict])
    report.table(["arm", "pairs", "ours", "bare", "own time", "ours : bare", "limit"], rows)


def _delay(product: Product, seconds: float) -> None:
    _sandbox(product, "DELETE")
    if seconds:
        _sandbox(product, "POST", {"operation": "*", "effect": "delay", "seconds": seconds})


def _sandbox(product: Product, method: str, document: object = None) -> None:
    body = None if document is None else json.dumps(document).encode()
    asked = urllib.request.Request(f"{product.aws_url}/sandbox/faults", body, method=method)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        answer.read()
