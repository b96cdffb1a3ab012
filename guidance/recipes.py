"""Client settings for one SMTP credential, ready to paste: each text is quoted by the rules of its own syntax.

The settings' names are those of the clients' own manuals. Only a From address reaches a text from outside, and it is
checked here once more; user name, password, host and port come from AWS and from the catalogue of regions.
"""

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from guidance.regions import Mode

_ADDRESS: Final = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_USER: Final = re.compile(r"[A-Za-z0-9_]{16,128}")
_PASSWORD: Final = re.compile(r"[A-Za-z0-9+/]{44}")
_REGION: Final = re.compile(r"[a-z]+(?:-[a-z]+)+-[0-9]+")
_CA_FILE: Final = re.compile(r"""[^\x00-\x1f\x7f"'\\$]*""")
_TIMEOUT_SECONDS: Final = 30
SIMULATOR: Final = "success@simulator.amazonses.com"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a mail client must know. Raises ValueError when a value could mean more than itself in some syntax.

    `ca_file` names a file of certificates to trust instead of the system's; empty means the system's.
    """

    region: str
    host: str
    port: int
    mode: Mode
    user: str
    password: str = field(repr=False)
    from_address: str
    ca_file: str = ""

    def __post_init__(self) -> None:
        checks = (
            ("region", _REGION, self.region),
            ("host", _HOST, self.host),
            ("user", _USER, self.user),
            ("password", _PASSWORD, self.password),
            ("from_address", _ADDRESS, self.from_address),
            ("ca_file", _CA_FILE, self.ca_file),
        )
        for name, pattern, value in checks:
            if not pattern.fullmatch(value):
                raise ValueError(f"{name} does not have the form that client settings can carry")  # never the value
        if not 0 < self.port < 65536:
            raise ValueError("port lies outside 1 to 65535")

    @property
    def starttls(self) -> bool:
        return self.mode is Mode.STARTTLS


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings for one client. `text` holds the password."""

    slug: str
    label: str
    text: str = field(repr=False)


def recipes(settings: Settings) -> tuple[Recipe, ...]:
    """Return the settings for each client we know, and the `.env` of this one region."""
    return (
        Recipe("postfix", "Postfix", _postfix(settings)),
        Recipe("msmtp", "msmtp", _msmtp(settings)),
        Recipe("django", "Django up to 6.0", _django(settings)),
        Recipe("django-mailers", "Django 6.1 and later", _django_mailers(settings)),
        Recipe("nodemailer", "Nodemailer", _nodemailer(settings)),
        Recipe("swaks", "swaks", _swaks(settings)),
        Recipe("env", ".env", dotenv([settings])),
    )


def url(settings: Settings) -> str:
    """Return ``smtp://`` (STARTTLS) or ``smtps://`` (TLS at once) with user name and password percent-encoded."""
    scheme = "smtp" if settings.starttls else "smtps"
    who = f"{quote(settings.user, safe='')}:{quote(settings.password, safe='')}"
    return f"{scheme}://{who}@{settings.host}:{settings.port}"


def dotenv(regions: Sequence[Settings]) -> str:
    """Return a `.env` file with every region's login. The first region also stands under the names without a region."""
    blocks = []
    for position, settings in enumerate(regions):
        pairs = _variables(settings)
        lines = [f"# {settings.region}"]
        if position == 0:
            lines += [f"SMTP_{name}={value}" for name, value in pairs]
        if len(regions) > 1:
            suffix = settings.region.replace("-", "_").upper()
            lines += [f"SMTP_{suffix}_{name}={value}" for name, value in pairs]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _variables(settings: Settings) -> list[tuple[str, str]]:
    # Single quotes: every reader of such files takes what is between them as it stands, and ours holds no quote.
    pairs = [
        ("HOST", settings.host),
        ("PORT", str(settings.port)),
        ("TLS_MODE", settings.mode.value),
        ("USER", settings.user),
        ("PASSWORD", f"'{settings.password}'"),
        ("FROM", f"'{settings.from_address}'"),
        ("URL", f"'{url(settings)}'"),
    ]
    if settings.ca_file:
        pairs.append(("CA_FILE", f"'{settings.ca_file}'"))
    return pairs


def _postfix(settings: Settings) -> str:
    relay = f"[{settings.host}]:{settings.port}"
    wrapper = "" if settings.starttls else "smtp_tls_wrappermode = yes\n"
    # Postfix asks the name service alone, which often does not know a host without a domain, such as localhost.
    lookup = "" if "." in settings.host else "smtp_host_lookup = dns, native\n"
    ca_file = f"smtp_tls_CAfile = {settings.ca_file or '/etc/ssl/certs/ca-certificates.crt'}\n"
    return (
        "# /etc/postfix/main.cf\n"
        f"relayhost = {relay}\n"
        "smtp_sasl_auth_enable = yes\n"
        "smtp_sasl_security_options = noanonymous\n"
        "smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd\n"
        "# secure, not encrypt: encrypt would take any certificate\n"
        "smtp_tls_security_level = secure\n"
        f"{wrapper}{ca_file}{lookup}"
        "\n"
        "# /etc/postfix/sasl_passwd (mode 0600), then: postmap /etc/postfix/sasl_passwd && postfix reload\n"
        f"{relay} {settings.user}:{settings.password}\n"
        "\n"
        f"# Applications send as {settings.from_address}\n"
    )


def _msmtp(settings: Settings) -> str:
    trust = f'"{settings.ca_file}"' if settings.ca_file else "system"
    return (
        "# ~/.msmtprc (mode 0600)\n"
        "account ses\n"
        f"host {settings.host}\n"
        f"port {settings.port}\n"
        "tls on\n"
        f"tls_starttls {'on' if settings.starttls else 'off'}\n"
        f"tls_trust_file {trust}\n"
        "auth on\n"
        f"user {settings.user}\n"
        f'password "{settings.password}"\n'
        f"from {settings.from_address}\n"
        "\n"
        "account default : ses\n"
    )


def _django(settings: Settings) -> str:
    return (
        "# settings.py\n"
        'EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"\n'
        f'EMAIL_HOST = "{settings.host}"\n'
        f"EMAIL_PORT = {settings.port}\n"
        f'EMAIL_HOST_USER = "{settings.user}"\n'
        f'EMAIL_HOST_PASSWORD = "{settings.password}"\n'
        f"{'EMAIL_USE_TLS' if settings.starttls else 'EMAIL_USE_SSL'} = True\n"
        f"EMAIL_TIMEOUT = {_TIMEOUT_SECONDS}  # seconds\n"
        f"{_django_senders(settings)}"
    )


def _django_mailers(settings: Settings) -> str:
    return (
        "# settings.py\n"
        "MAILERS = {\n"
        '    "default": {\n'
        '        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",\n'
        '        "OPTIONS": {\n'
        f'            "host": "{settings.host}",\n'
        f'            "port": {settings.port},\n'
        f'            "username": "{settings.user}",\n'
        f'            "password": "{settings.password}",\n'
        f'            "{"use_tls" if settings.starttls else "use_ssl"}": True,\n'
        f'            "timeout": {_TIMEOUT_SECONDS},  # seconds\n'
        "        },\n"
        "    },\n"
        "}\n"
        f"{_django_senders(settings)}"
    )


def _django_senders(settings: Settings) -> str:
    senders = f'DEFAULT_FROM_EMAIL = "{settings.from_address}"\nSERVER_EMAIL = "{settings.from_address}"\n'
    if not settings.ca_file:
        return senders
    # Django has no setting for a CA file; Python's ssl module reads this variable when the process starts.
    return f"{senders}# In the environment of the process: SSL_CERT_FILE={shlex.quote(settings.ca_file)}\n"


def _nodemailer(settings: Settings) -> str:
    options: dict[str, object] = {
        "host": settings.host,
        "port": settings.port,
        "secure": not settings.starttls,
        "requireTLS": settings.starttls,
        "auth": {"user": settings.user, "pass": settings.password},
    }
    text = json.dumps(options, indent=2)
    opening = 'const nodemailer = require("nodemailer");\n'
    if settings.ca_file:
        opening = f'const fs = require("node:fs");\n{opening}'
        path = json.dumps(settings.ca_file, ensure_ascii=False)
        text = f'{text[:-2]},\n  "tls": {{ "ca": fs.readFileSync({path}) }}\n}}'
    return (
        f"{opening}\n"
        f"const transporter = nodemailer.createTransport({text}, {{\n"
        f"  from: {json.dumps(settings.from_address)},\n"
        "});\n"
    )


def _swaks(settings: Settings) -> str:
    tls = "--tls" if settings.starttls else "--tls-on-connect"
    ca_file = f" --tls-ca-path {shlex.quote(settings.ca_file)}" if settings.ca_file else ""
    # To swaks an address that begins with a hyphen is an option, however it is quoted; without a value swaks asks.
    asks = settings.from_address.startswith("-")
    sender = "" if asks else f" {shlex.quote(settings.from_address)}"
    hint = f"# When swaks asks for From, type {settings.from_address}\n" if asks else ""
    return (
        f"{hint}"
        "# As a variable the password stays out of the process list; --auth-hide-password keeps it out of the output\n"
        f"SWAKS_OPT_auth_password={shlex.quote(settings.password)} \\\n"
        f"swaks --server {settings.host} --port {settings.port} {tls} --tls-verify{ca_file} \\\n"
        f"  --auth LOGIN --auth-user {shlex.quote(settings.user)} --auth-hide-password \\\n"
        f"  --from{sender} --to {SIMULATOR}\n"
    )
