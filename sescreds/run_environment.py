"""The environment of `make run`: the person's own without its AWS settings, and the sandbox in their place."""

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from guidance.regions import REGIONS

ROOT = Path(__file__).resolve().parent.parent
FILE = "run.env"
MAIL = "mail"
PORT_STEP = 10  # from one region's SMTP ports to the next
_ACCOUNT = "123456789012"
_DEFAULTS = {
    "PORT": "8000",
    "SANDBOX_AWS_PORT": "5055",
    "SANDBOX_SMTP_PORT": "2587",
    "SANDBOX_SMTPS_PORT": "2465",
    "SANDBOX_REGIONS": "eu-central-1,us-east-1",
    "SANDBOX_KEY_DELAY": "3",
}
# The person's AWS, another project's servers, and proxies, which have no business between parts of one machine.
_FOREIGN_PREFIXES = ("AWS_", "MOTO_")
_FOREIGN = {"GUNICORN_CMD_ARGS", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}
# What the product reads besides what is composed here; written down too, so that manage.py sees the same.
_READ_TOO = (
    "DATABASE_URL",
    "BASE_URL",
    "ALLOWED_HOSTS",
    "BEHIND_PROXY",
    "LOG_LEVEL",
    "MAIL_FROM",
    "SANDBOX_USER_DELAY",
)


class Trouble(Exception):  # noqa: N818 - the word that house rules and pages use
    """Why the product cannot run here, as a sentence for the person who typed the command."""


@dataclass(frozen=True)
class RegionPorts:
    """Where the sandbox's SMTP answers for one region."""

    region: str
    starttls: int
    tls: int


@dataclass(frozen=True)
class Ports:
    """Every port that the parts listen on."""

    web: int
    aws: int
    smtp: tuple[RegionPorts, ...]

    def named(self) -> Iterator[tuple[int, str]]:
        """Give each port with the variable that sets it."""
        yield self.web, "PORT"
        yield self.aws, "SANDBOX_AWS_PORT"
        for each in self.smtp:
            yield each.starttls, "SANDBOX_SMTP_PORT"
            yield each.tls, "SANDBOX_SMTPS_PORT"

    @property
    def smtp_endpoints(self) -> str:
        """Return the value of SES_SMTP_ENDPOINTS."""
        pairs = [(each.region, each.starttls, each.tls) for each in self.smtp]
        return ",".join(f"{name}=localhost:{a}/starttls,{name}=localhost:{b}/tls" for name, a, b in pairs)


def var_dir(environment: Mapping[str, str]) -> Path:
    """Return where state is kept."""
    return (ROOT / (environment.get("VAR_DIR") or "var")).resolve()


def without_foreign(environment: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` without what belongs to the person's AWS accounts and other projects."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(_FOREIGN_PREFIXES) and name.upper() not in _FOREIGN
    }


def ports_of(environment: Mapping[str, str]) -> Ports:
    """Read the ports; raise `Trouble` for one that cannot be, or that two parts would share."""
    given = _DEFAULTS | dict(environment)
    first = {name: _port(name, given[name]) for name in _DEFAULTS if name.endswith("PORT")}
    ports = Ports(
        first["PORT"],
        first["SANDBOX_AWS_PORT"],
        tuple(
            RegionPorts(
                region,
                _port("SANDBOX_SMTP_PORT", first["SANDBOX_SMTP_PORT"] + PORT_STEP * index),
                _port("SANDBOX_SMTPS_PORT", first["SANDBOX_SMTPS_PORT"] + PORT_STEP * index),
            )
            for index, region in enumerate(_regions(given["SANDBOX_REGIONS"]))
        ),
    )
    owners: dict[int, str] = {}
    for port, name in ports.named():
        if port in owners:
            raise Trouble(f"Port {port} is asked for twice: by {owners[port]} and by {name}. Set one to another port.")
        owners[port] = name
    return ports


def _port(name: str, value: str | int) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Trouble(f"{name} leads to {text}, which is no port. Set it to a number from 1 to 65535.")
    return int(text)


def _regions(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    strange = [name for name in names if name not in REGIONS]
    if strange or not names or len(set(names)) < len(names):
        shown = strange[0] if strange else text
        raise Trouble(
            f"SANDBOX_REGIONS names {shown!r}. Name regions of SES, each once, such as eu-central-1,us-east-1."
        )
    return names


def compose(person: Mapping[str, str], ports: Ports) -> dict[str, str]:
    """Return the environment of the parts. The sandbox's key pair comes later, once the sandbox has made it."""
    var = var_dir(person)
    composed = _DEFAULTS | {name: person[name] for name in (*_DEFAULTS, *_READ_TOO) if person.get(name)}
    composed |= {
        "VAR_DIR": str(var),
        "SECRET_KEY": person.get("SECRET_KEY") or _secret_key(var),
        "DJANGO_SETTINGS_MODULE": "sescreds.settings",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports.aws}",
        "AWS_BOUNDARY_ARN": f"arn:aws:iam::{_ACCOUNT}:policy/sescreds-boundary",
        "AWS_CONSOLE_BOUNDARY_ARN": f"arn:aws:iam::{_ACCOUNT}:policy/sescreds-console-boundary",
        "EMAIL_URL": person.get("EMAIL_URL") or into_files(var / MAIL),
        "SES_SMTP_ENDPOINTS": ports.smtp_endpoints,
        "SES_SMTP_CA_FILE": str(var / "sandbox-ca.pem"),
    }
    if "ALLOWED_HOSTS" in composed:
        composed["ALLOWED_HOSTS"] += ",127.0.0.1,localhost"  # we ask there whether the product answers
    return composed


def into_files(folder: Path) -> str:
    """Return the EMAIL_URL that leaves each mail as a file in `folder`."""
    return f"filemail:///{quote(str(folder))}"


def _secret_key(var: Path) -> str:
    """Return the key in the file; make one on the first start."""
    path = var / "secret-key"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(64))
    return path.read_text().strip()


def write(environment: Mapping[str, str]) -> None:
    """Leave the environment to manage.py, which may be called beside a running product."""
    lines = [f"{name}={value}\n" for name, value in sorted(environment.items())]
    write_private(Path(environment["VAR_DIR"]) / FILE, "".join(lines))


def adopt() -> None:
    """Where the environment has no SECRET_KEY, take that of the last `make run`; raise `Trouble` where there is none.

    With SECRET_KEY set nothing is read: a real product is configured by its environment alone.
    """
    if os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE"):
        return
    var = var_dir(os.environ)
    try:
        pairs = [line.partition("=") for line in (var / FILE).read_text().splitlines()]
    except OSError:
        raise Trouble(
            "SECRET_KEY is not set. To try the product here, start `make run` once; for a real one, set its "
            "environment as the README says."
        ) from None
    foreign = set(os.environ) - set(without_foreign(os.environ))
    for name in foreign:
        del os.environ[name]
    os.environ["VAR_DIR"] = str(var)
    for name, _, value in pairs:
        os.environ.setdefault(name, value)


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all; nobody else can read it at any moment."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)
