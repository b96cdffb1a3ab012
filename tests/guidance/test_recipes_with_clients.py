"""The settings in the hands of the clients themselves, against the sandbox's SMTP endpoint."""

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from guidance.recipes import Settings
from guidance.regions import Mode
from tests.guidance.test_recipes import settings_module, text_of

SIMULATOR = "success@simulator.amazonses.com"
MESSAGE = f"From: news@example.com\nTo: {SIMULATOR}\nSubject: recipe\n\nIt works.\n"
both_modes = pytest.mark.parametrize("mode", list(Mode))


def run(command: list[str], program: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    if not shutil.which(program):
        assert not os.environ.get("CI"), f"{program} is missing"
        pytest.skip(f"{program} is not installed: its recipe was not tried")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SWAKS_")}
    return subprocess.run(
        command, input=typed, capture_output=True, text=True, timeout=30, env=environment, check=False
    )


def msmtp(settings: Settings, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "msmtprc"
    file.touch(mode=0o600)
    file.write_text(text_of(settings, "msmtp"))
    return run(["msmtp", f"--file={file}", SIMULATOR], "msmtp", MESSAGE)


@both_modes
def test_msmtp_sends(logins, mode, tmp_path):
    sent = msmtp(logins[mode], tmp_path)
    assert (sent.returncode, sent.stderr) == (0, "")


@both_modes
def test_swaks_sends_and_shows_no_password(logins, mode):
    sent = run(["sh", "-c", text_of(logins[mode], "swaks")], "swaks")
    assert sent.returncode == 0, sent.stdout
    assert re.search(r"<~  250 Ok", sent.stdout)
    assert logins[mode].password not in sent.stdout + sent.stderr


@both_modes
def test_django_sends(logins, mode, monkeypatch):
    module = settings_module(text_of(logins[mode], "django"))
    monkeypatch.setenv("SSL_CERT_FILE", logins[mode].ca_file)  # as the recipe says
    backend = EmailBackend(
        host=module["EMAIL_HOST"],
        port=module["EMAIL_PORT"],
        username=module["EMAIL_HOST_USER"],
        password=module["EMAIL_HOST_PASSWORD"],
        use_tls=module.get("EMAIL_USE_TLS", False),
        use_ssl=module.get("EMAIL_USE_SSL", False),
        timeout=module["EMAIL_TIMEOUT"],
    )
    message = EmailMessage("recipe", "It works.", module["DEFAULT_FROM_EMAIL"], [SIMULATOR], connection=backend)
    assert message.send() == 1


@both_modes
def test_a_certificate_that_nobody_vouches_for_ends_before_the_password(logins, mode, tmp_path):
    stranger = replace(logins[mode], ca_file="")
    assert "certificate" in msmtp(stranger, tmp_path).stderr
    refused = run(["sh", "-c", text_of(stranger, "swaks")], "swaks")
    assert refused.returncode != 0
    assert "AUTH LOGIN" not in refused.stdout
