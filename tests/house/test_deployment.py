"""How it is deployed: the image works with what production brings alone, and compose.yaml keeps its promises."""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib import metadata

import pytest
import yaml
from packaging.utils import canonicalize_name

from sescreds.run_environment import ROOT
from tests.house.test_set_up import pins

RECIPE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("web", "worker", "migrate")
ONLY_WHAT_IS_PINNED = """
import json, os, sys
class Closed:
    names = frozenset(json.loads(os.environ["NOT_BROUGHT"]))
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"production does not bring {name}")
sys.meta_path.insert(0, Closed())
"""
EVERY_MODULE = """
import django, importlib, pathlib
django.setup()
for path in sorted(pathlib.Path().rglob("*.py")):
    name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    if name != "manage" and "migrations" not in name and not name.startswith("sescreds.run"):
        importlib.import_module(name)
print("all")
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The files that the Dockerfile copies, where nothing can be imported but what requirements.txt pins."""
    app, closed = tmp_path_factory.mktemp("app"), tmp_path_factory.mktemp("closed")
    ignored = [line for line in (ROOT / ".dockerignore").read_text().split() if not line.startswith(("!", "*"))]
    assert ignored == ["provisioning/sandbox"]
    for source, target in re.findall(r"^COPY (\S+) /app/(\S*)$", RECIPE, re.MULTILINE):
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, app / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, app / target)
    shutil.rmtree(app / "provisioning" / "sandbox")
    (closed / "sitecustomize.py").write_text(ONLY_WHAT_IS_PINNED)
    brought = pins("requirements.txt")
    not_brought = [
        package
        for package, carriers in metadata.packages_distributions().items()
        if not {canonicalize_name(carrier) for carrier in carriers} & brought
    ]
    assert {"moto", "pytest", "aiosmtpd", "flask"} <= set(not_brought)

    def run(*command, **environment):
        surroundings = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(closed),
            "NOT_BROUGHT": json.dumps(not_brought),
            "VAR_DIR": str(app / "var"),
            "STATIC_ROOT": str(app / "collected"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return subprocess.run(
            [sys.executable, *command],
            cwd=app,
            env=surroundings | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    run.app = app
    return run


def succeeded(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# The image -----------------------------------------------------------------------------------------------------------


def test_the_image_has_two_stages_and_only_what_production_needs():
    assert RECIPE.count("FROM ") == 2
    assert "requirements-" not in RECIPE
    assert set(re.findall(r"pip install .*", RECIPE)) == {"pip install --no-cache-dir --requirement requirements.txt"}


def test_the_image_runs_as_nobody_of_weight_and_is_asked_how_it_is():
    last = RECIPE.rpartition("FROM ")[2]
    assert re.search(r"^USER 10001$", last, re.MULTILINE)
    assert "--uid 10001" in last
    assert 'HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-m", "sescreds.health"]' in last
    assert re.search(r'^CMD \["python", "-m", "gunicorn",', last, re.MULTILINE), "its signals reach gunicorn itself"


def test_no_secret_stays_in_the_image():
    for line in RECIPE.splitlines():
        if re.search("SECRET|PASSWORD|TOKEN|_KEY|DATABASE_URL", line):
            assert line.startswith("RUN SECRET_KEY=only-to-collect-files "), line


def test_nothing_of_the_desk_gets_into_the_image():
    given = [line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")]
    assert given == ["requirements.txt", "manage.py", "static", "templates", "guidance", "provisioning", "sescreds"]
    assert not any(fnmatch.fnmatch(name, given_name) for name in ("secrets", "var", ".git") for given_name in given)


def test_the_files_are_collected_as_the_image_does_it(image):
    line = re.search(r"^RUN (SECRET_KEY=.*)$", RECIPE, re.MULTILINE)[1]
    words = shlex.split(line.partition("&&")[0])
    command = words[words.index("/venv/bin/python") + 1 :]
    succeeded(image(*command, SECRET_KEY="only-to-collect-files"))
    assert (image.app / "collected" / "staticfiles.json").exists()


def test_every_module_of_the_product_is_imported_without_the_sandbox_and_the_desk(image):
    said = succeeded(image("-c", EVERY_MODULE, SECRET_KEY="x" * 60, DJANGO_SETTINGS_MODULE="sescreds.settings"))
    assert said == "all\n"


def test_what_is_not_brought_cannot_be_imported(image):
    for name in ("moto", "pytest", "aiosmtpd"):
        assert image("-c", f"import {name}").returncode == 1


def test_the_image_prepares_a_database_with_secrets_in_files(image, tmp_path):
    """A line break at the end of a file, as editors write it, is no part of the secret."""
    (tmp_path / "secret_key").write_text("s" * 60 + "\n")
    (tmp_path / "database_url").write_text(f"sqlite:///{tmp_path}/product.sqlite3\n")
    files = {
        "SECRET_KEY_FILE": str(tmp_path / "secret_key"),
        "DATABASE_URL_FILE": str(tmp_path / "database_url"),
        "AWS_BOUNDARY_ARN": "arn:aws:iam::123456789012:policy/sescreds-boundary",
    }
    command = SERVICES["migrate"]["command"]
    assert command[0] == "python"
    succeeded(image(*command[1:], **files))
    assert (tmp_path / "product.sqlite3").exists()
    ready = (
        "from django.test import Client; import django; django.setup();"
        "print(Client(headers={'host': 'localhost'}).get('/readyz').json())"
    )
    said = succeeded(image("-c", ready, **files, DJANGO_SETTINGS_MODULE="sescreds.settings"))
    assert said == "{'ready': True, 'reason': ''}\n"
    checked = image("-m", "gunicorn", "--config", "python:sescreds.web_server", "--check-config", **files)
    succeeded(checked)


# compose.yaml --------------------------------------------------------------------------------------------------------


def test_two_of_each_wait_for_the_migration_and_it_for_the_database():
    assert SERVICES["web"]["deploy"]["replicas"] == SERVICES["worker"]["deploy"]["replicas"] == 2
    for name in ("web", "worker"):
        assert SERVICES[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert SERVICES["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["database"]["healthcheck"]["test"][1] == "pg_isready"


def test_only_the_proxy_has_a_port_of_the_machine():
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert "web 8000" in COMPOSE["configs"]["caddyfile"]["content"]


def test_slow_clients_hold_the_proxy_and_no_thread_behind_it():
    said = COMPOSE["configs"]["caddyfile"]["content"]
    for word in ("read_header", "read_body", "write", "idle", "request_buffers", "response_buffers", "max_size"):
        assert re.search(rf"^\s+{word} \d+\w+$", said, re.MULTILINE), word


@pytest.mark.parametrize("name", OURS)
def test_ours_can_write_nowhere_and_gain_nothing(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]


def test_secrets_come_as_files_alone():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD|_URL$", name.removesuffix("_FILE")) and name != "BASE_URL":
                assert name.endswith("_FILE"), name
                assert value.removeprefix("/run/secrets/") in service["secrets"]
    named = {each for service in SERVICES.values() for each in service.get("secrets", ())}
    assert named == set(COMPOSE["secrets"])
    assert "/secrets/" in (ROOT / ".gitignore").read_text().split()


def test_every_volume_is_declared():
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert used == set(COMPOSE["volumes"])


def test_the_worker_finishes_its_sweep():
    assert SERVICES["worker"]["stop_signal"] == "SIGINT"
    assert SERVICES["worker"]["command"] == ["python", "manage.py", "run_huey"]


# manage.py check --deploy --------------------------------------------------------------------------------------------

IN_ORDER = {
    "SECRET_KEY": "q9-7Yw3kLr0ZfBv5NcXe2HsUa8JdTm1PgRo6iKyEhWnVxMbCtQzDlSjFuGpAw4",
    "BASE_URL": "https://sescreds.example.com",
    "BEHIND_PROXY": "true",
    "EMAIL_URL": "smtp://mail.example.com:25",
    "AWS_BOUNDARY_ARN": "arn:aws:iam::123456789012:policy/sescreds-boundary",
    "AWS_CONSOLE_BOUNDARY_ARN": "arn:aws:iam::123456789012:policy/sescreds-console-boundary",
}
CHECK = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")


def test_a_production_in_order_passes_every_check(image):
    succeeded(image(*CHECK, **IN_ORDER))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"BASE_URL": "http://sescreds.example.com"}, "sescreds.W001"),
        ({"EMAIL_URL": "dummymail://"}, "sescreds.W002"),
        ({"EMAIL_URL": "filemail:////var/mail"}, "sescreds.W002"),
        ({"BEHIND_PROXY": "false"}, "sescreds.W003"),
        ({"AWS_BOUNDARY_ARN": ""}, "sescreds.E001"),
        ({"AWS_ACCOUNT_PATH": "/"}, "sescreds.E002"),
        ({"SES_SMTP_ENDPOINTS": "nowhere"}, "sescreds.E003"),
        ({"ALLOWED_HOSTS": "*"}, "sescreds.E004"),
        ({"AWS_CONSOLE_BOUNDARY_ARN": "sescreds-console-boundary"}, "sescreds.E005"),
        ({"AWS_CONSOLE_BOUNDARY_ARN": "arn:aws:iam::210987654321:policy/elsewhere"}, "sescreds.E005"),
        ({"SES_SMTP_CA_FILE": "/nowhere.pem"}, "sescreds.E006"),
        ({"BASE_URL": "https://example.com/sescreds"}, "sescreds.E007"),
        ({"SECRET_KEY": "short"}, "security.W009"),
    ],
)
def test_each_unsafe_setting_is_refused_by_name(image, changes, found):
    done = image(*CHECK, **IN_ORDER | changes)
    assert done.returncode == 1
    assert found in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_URL", ""), ("EMAIL_URL", "mail.example.com"), ("DATABASE_URL", ""), ("DATABASE_URL", "nonsense"),
        ("PORT", "abc"), ("LOG_LEVEL", "loud"), ("VAR_DIR", "/proc/nope"), ("SECRET_KEY_FILE", "/nope"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_sentence_that_names_it(image, name, value):
    done = image(*CHECK, **IN_ORDER | {name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(name)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["verify_history", "sweeps"])
def test_a_command_says_that_the_database_is_away(image, command):
    done = image("manage.py", command, **IN_ORDER | {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing"})
    assert done.returncode == 1
    assert done.stderr.startswith("The database does not answer:")
    assert "Traceback" not in done.stderr


def test_the_environment_of_compose_passes_every_check(image, tmp_path):
    """The same names as compose.yaml gives, each with a value of its kind."""
    given = SERVICES["web"]["environment"]
    environment = {name: IN_ORDER.get(name, value) for name, value in given.items() if not name.endswith("_FILE")}
    environment |= {"AWS_ACCOUNT_PATH": "/ses-dashboard/", "MAIL_FROM": "sescreds@example.com"}
    for name in [name for name in given if name.endswith("_FILE")]:
        plain = name.removesuffix("_FILE")
        (tmp_path / name).write_text(IN_ORDER.get(plain, f"sqlite:///{tmp_path}/product.sqlite3") + "\n")
        environment[name] = str(tmp_path / name)
    succeeded(image(*CHECK, **environment))
