"""Sending from outside, as software does that was given the credential: with smtplib, and with swaks."""

import os
import shutil
import smtplib
import ssl
import subprocess
from email.message import EmailMessage

import pytest

from tests.journeys.product import Product

RECIPIENT = "success@simulator.amazonses.com"


def send(product: Product, region: str, user: str, password: str, sender: str, mode: str = "starttls") -> int:
    """Return the code of the last thing the server said: 250 for a message taken, else that of the refusal."""
    host, port = product.endpoint(region, mode)
    context = ssl.create_default_context(cafile=str(product.sandbox.ca_file))
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, RECIPIENT, "From outside"
    message.set_content("Hello.\n")
    tls = mode == "tls"
    client = smtplib.SMTP_SSL(host, port, context=context, timeout=10) if tls else smtplib.SMTP(host, port, timeout=10)
    with client:
        try:
            if not tls:
                client.starttls(context=context)
            client.login(user, password)
            client.send_message(message)
        except smtplib.SMTPResponseException as refusal:
            return refusal.smtp_code
    return 250


def swaks(product: Product, region: str, user: str, password: str, sender: str, mode: str = "starttls") -> str:
    """Return what swaks and the server said to each other."""
    program = shutil.which("swaks")
    if program is None:
        pytest.fail("no swaks") if os.environ.get("CI") else pytest.skip("swaks is not installed")
    host, port = product.endpoint(region, mode)
    command = [program, "--server", host, "--port", str(port), "--tls" if mode == "starttls" else "--tls-on-connect"]
    command += ["--tls-verify", "--tls-ca-path", str(product.sandbox.ca_file), "--auth", "LOGIN", "--auth-user", user]
    command += ["--auth-hide-password", "--from", sender, "--to", RECIPIENT]
    environment = {**os.environ, "SWAKS_OPT_auth_password": password}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60).stdout
