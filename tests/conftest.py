"""What every test may use: the sandbox, the database (SQLite or PostgreSQL by DATABASE_URL), people, a clock."""

import os
import socket
from collections import Counter
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace

import boto3
import hypothesis
import pytest

from provisioning.sandbox.server import Sandbox
from tests import builders, closed_network, history_flush
from tests.hurry import Hurry

ACCOUNT = "123456789012"


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A pretend AWS in this process, on ports of its own."""
    pretend = Sandbox(tmp_path_factory.mktemp("sandbox"), aws_port=0, smtp_port=0, smtps_port=0)
    pretend.start()
    _point_at(pretend)
    yield pretend
    pretend.stop()


def _point_at(pretend: Sandbox) -> None:
    """Let boto3 and the SMTP probe find the sandbox, the way the environment does in `make run`."""
    from django.conf import settings

    os.environ.update(
        {
            "AWS_ENDPOINT_URL": pretend.aws_url,
            "AWS_ACCESS_KEY_ID": pretend.dashboard_keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": pretend.dashboard_keys.secret_access_key,
        }
    )
    settings.AWS_ENDPOINT_URL = pretend.aws_url
    settings.AWS_BOUNDARY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/sescreds-boundary"
    settings.AWS_CONSOLE_BOUNDARY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/sescreds-console-boundary"
    settings.SES_SMTP_ENDPOINTS = pretend.smtp_endpoints
    settings.SES_SMTP_CA_FILE = str(pretend.ca_file)


@pytest.fixture
def aws_account(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox with a fresh account, and a gateway that has seen nothing of an earlier one."""
    from provisioning.gateway.aws import aws

    sandbox.reset()
    aws.cache_clear()
    yield sandbox
    sandbox.faults.clear()


@pytest.fixture
def hurry(aws_account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Hurry:
    """The clock of the gateway in this process: whoever waits for AWS does not wait."""
    hurried = Hurry(aws_account)
    monkeypatch.setattr("provisioning.gateway.aws.calls.time", hurried)
    return hurried


@pytest.fixture(autouse=True)
def _nobody_waits(request: pytest.FixtureRequest) -> None:
    if "aws_account" in request.fixturenames:
        request.getfixturevalue("hurry")


@pytest.fixture
def gateway(aws_account: Sandbox):
    from provisioning.gateway.aws import aws

    return aws()


@pytest.fixture
def world(db, aws_account: Sandbox) -> builders.World:
    """The demo's people and teams, and what the sweeps would have read of AWS."""
    return builders.World.seeded()


@pytest.fixture
def committed_world(transactional_db, aws_account: Sandbox) -> builders.World:
    """The same for tests with several connections or processes: everything is committed."""
    return builders.World.seeded()


@pytest.fixture(autouse=True)
def _no_network_but_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    closed_network.close(monkeypatch, socket)


@pytest.fixture(autouse=True)
def _no_page_of_another_test() -> None:
    from guidance import strangers

    strangers.forget()


@pytest.fixture(autouse=True)
def _queue_of_its_own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's queue is one for all processes that test at the same time; a test gets one that nobody shares."""
    from huey.contrib.djhuey import HUEY
    from huey.storage import MemoryStorage

    if request.node.get_closest_marker("real_queue"):
        HUEY.storage.initialize_schema()
        return
    monkeypatch.setattr(HUEY, "storage", MemoryStorage("tests"))


@pytest.fixture(scope="session", autouse=True)
def _static_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Pages name their style by the hash of its content, so it is collected first."""
    from django.conf import settings
    from django.core.management import call_command

    settings.STATIC_ROOT = tmp_path_factory.mktemp("static")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes half a second
    call_command("collectstatic", verbosity=0, interactive=False)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Let the flush between tests pass the history's triggers, and SQLite keep a file that other processes can open."""
    from django.conf import settings

    history_flush.install()
    if settings.ON_SQLITE:
        settings.DATABASES["default"]["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "only tests in which the kind of database can make a difference: for a second run on another one"
    parser.addoption("--another-database", action="store_true", help=words)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a second database leave out what asks no database, and what looks at pages whose text is the same on both."""
    if not config.getoption("--another-database"):
        return
    asks = [
        item
        for item in items
        if {"db", "transactional_db", "product", "state"} & set(getattr(item, "fixturenames", ()))
    ]
    asks += [item for item in items if item.get_closest_marker("django_db") and item not in asks]
    kept = {id(item) for item in asks if not item.get_closest_marker("same_pages")}
    config.hook.pytest_deselected(items=[item for item in items if id(item) not in kept])
    items[:] = [item for item in items if id(item) in kept]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let the report of each bad day say what kind of day it was: that much a worker of xdist sends to who counts."""
    item.user_properties += [("bad day", mark.args[0]) for mark in item.iter_markers("bad_day")]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many bad days there were of each kind, after which the books agreed with AWS all the same."""
    passed = [each for each in terminalreporter.getreports("passed") if each.when == "call"]
    counted = Counter(kind for each in passed for name, kind in each.user_properties if name == "bad day")
    if counted:
        terminalreporter.write_line(
            "bad days: " + ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items()))
        )


def _read_models_once() -> None:
    """Each test has AWS clients of its own: let botocore parse AWS's models, which are large, once for all of them."""
    from botocore.loaders import JSONFileLoader

    read = cache(partial(JSONFileLoader.load_file, JSONFileLoader()))
    JSONFileLoader.load_file = lambda _, path: read(path)


def _make_clients_once() -> None:
    """Each test has a gateway that has seen nothing; the clients behind it, which boto3 makes slowly, serve them all.

    They hold nothing but an address and keys, which the environment gives, and how long they wait: where that differs
    there are others.
    """
    from provisioning.gateway.aws import sessions

    @cache
    def session(region_name: str, _surroundings: frozenset[tuple[str, str]]) -> boto3.Session:
        return boto3.Session(region_name=region_name)

    @cache
    def client(
        kept: boto3.Session, service: str, region: str | None, keys: frozenset[tuple[str, str]], _patience: float
    ) -> object:
        clients = sessions.Clients(keys=dict(keys))
        clients.session = kept
        return make(clients, service, region)

    def kept_session(region_name: str) -> boto3.Session:
        return session(region_name, frozenset(item for item in os.environ.items() if item[0].startswith("AWS_")))

    def kept_client(self: sessions.Clients, service: str, region: str | None = None) -> object:
        return client(self.session, service, region, frozenset(self._keys.items()), sessions._ONCE.read_timeout)

    make, sessions.Clients._make = sessions.Clients._make, kept_client
    sessions.boto3 = SimpleNamespace(Session=kept_session)


def pytest_configure() -> None:
    # How long an example takes says more of the machine than of the code.
    hypothesis.settings.register_profile(
        "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("patient")
    _read_models_once()
    _make_clients_once()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    nothing = Path(os.devnull)
    os.environ.update(
        {
            "AWS_CONFIG_FILE": str(nothing),
            "AWS_SHARED_CREDENTIALS_FILE": str(nothing),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    )
