import re
import pytest
pytestmark = pytest.mark.django_db

def test_walk(world, client, aws_account):
    client.force_login(world.people["member"])
    for url in ["/", "/credentials/", "/credentials/new/", "/history/", "/style/", "/guide/", "/guide/wizard/", "/healthz"]:
        r = client.get(url); assert r.status_code == 200, url
    r = client.post("/credentials/new/", {"team": world.newsletter.pk, "application": "demo", "purpose": "p", "regions": ["eu-central-1", "us-east-1"], "from_addresses": "digest@example.com\n*@example.com", "lifetime_days": 30})
    assert r.status_code == 200, r.content.decode()
    url = re.search(r'action="(/handovers/[^"]+)"', r.content.decode())[1]
    r = client.post(url); assert r.status_code == 302
    r = client.get(url); assert r.status_code == 200
    r = client.post(url + "verification/"); assert r.status_code == 302
    r = client.get(url); assert "verified" in r.content.decode()
    r = client.post(url + "look/"); assert r.status_code == 200
    open("/tmp/look.html", "w").write(r.content.decode())
    r = client.get(url + "credential.csv"); print(r.content.decode())
    r = client.get(url + "credential.env"); print(r.content.decode())
    r = client.post(url + "test-message/", {"region": "eu-central-1", "sender": "digest@example.com"}); assert r.status_code == 302
    r = client.get(url); assert "Sending proved" in r.content.decode()
    r = client.post(url + "confirmation/"); assert r.status_code == 302
    detail = r["Location"]
    r = client.get(detail); assert r.status_code == 200
    r = client.get(detail + "revocation/"); assert r.status_code == 200
    r = client.post(detail + "revocation/"); assert r.status_code == 302
    for url in ["/", "/credentials/", "/history/", "/credentials.csv", "/history.csv", detail]:
        r = client.get(url); assert r.status_code == 200, url
        if url.endswith("csv"): print(b"".join(r.streaming_content).decode())
