"""What is kept for strangers is what they would have been given, and reaches nobody else."""

import gzip

import pytest

from guidance import strangers

ADDRESSES = ["/guide/", "/guide/regions/", "/guide/wizard/", "/guide/wizard/?who=software&where=outside&speaks=smtp"]
GZIP = {"accept-encoding": "gzip, br"}


@pytest.fixture(autouse=True)
def _nothing_kept():
    strangers.forget()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_kept_page_is_the_rendered_one(client, db, address):
    plain, compressed = client.get(address), client.get(address, headers=GZIP)
    assert compressed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    client.cookies["other"] = "value"
    rendered = client.get(address)
    assert plain.content == gzip.decompress(compressed.content) == rendered.content
    assert {name.strip() for name in compressed["Vary"].split(",")} == {"Cookie", "Accept-Encoding"}
    assert compressed["Cache-Control"] == rendered["Cache-Control"]
    assert compressed["ETag"] != plain["ETag"]


def test_it_need_not_be_sent_twice(client, db):
    answer = client.get("/guide/", headers=GZIP)
    assert client.get("/guide/", headers={**GZIP, "if-none-match": answer["ETag"]}).status_code == 304


def test_people_who_are_signed_in_get_their_own(client, db, django_user_model):
    client.get("/guide/")
    client.force_login(django_user_model.objects.create(email="somebody@example.com"))
    assert "somebody@example.com" in client.get("/guide/").content.decode()
    client.logout()
    client.cookies.clear()
    assert "somebody@example.com" not in client.get("/guide/").content.decode()


def test_nothing_typed_makes_a_page_that_is_kept(client, db):
    for number in range(5):
        client.get(f"/guide/wizard/?who=typed-{number}&other={number}")
    assert len(strangers._kept) == 1


def test_what_is_kept_is_bounded(client, db, monkeypatch):
    monkeypatch.setattr(strangers, "MOST", 2)
    for address in ADDRESSES:
        client.get(address)
    assert len(strangers._kept) <= 2
