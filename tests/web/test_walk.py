"""The main way through the product, door by door, without a browser."""

import csv
import io
import re

import pytest

from tests.web.visits import sign_in

pytestmark = pytest.mark.django_db
TYPED = {
    "application": "weekly-digest",
    "purpose": "Sends the weekly digest.",
    "regions": ["eu-central-1", "us-east-1"],
    "from_addresses": "digest@example.com",
    "lifetime_days": "90",
}


def test_from_the_form_to_the_revocation(world, client):
    sign_in(client, world.people["member"])
    page = client.post("/credentials/new/", {**TYPED, "team": "newsletter"}).content.decode()
    handover = re.search(r'action="(/handovers/[^"]+)"', page)[1]
    assert client.post(handover).status_code == 303
    waiting = client.get(handover).content.decode()
    client.post(f"{handover}verification/")
    assert client.get(handover).content.decode().count('data-state="verified"') == 2
    opened = client.post(f"{handover}look/").content.decode()
    rows = list(csv.reader(io.StringIO(client.get(f"{handover}credential.csv").content.decode())))
    assert rows[0] == ["IAM user name", "SMTP user name", "SMTP password", "Region", "Host", "Ports"]
    passwords = [row[2] for row in rows[1:]]
    assert len(set(passwords)) == 2
    assert all(password in opened for password in passwords)
    assert not any(password in waiting for password in passwords)
    client.post(f"{handover}test-message/", {"region": "eu-central-1", "sender": "digest@example.com"})
    assert "Sending proved" in client.get(handover).content.decode()
    detail = client.post(f"{handover}confirmation/")["Location"]
    assert client.post(f"{handover}look/").status_code == 409
    assert client.post(f"{detail}revocation/").status_code == 303
    assert 'data-state="revoked"' in client.get(detail).content.decode()
