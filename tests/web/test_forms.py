"""What people type: each mistake is told beside its field, what was typed stays, and nothing is made."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.models import Credential, CredentialRequest, RegionReading, Team
from tests.web.visits import FORM, Visit, signed_in, text, typed

pytestmark = pytest.mark.django_db

MISTAKES = [
    ("application", "", "Name the application"),
    ("application", "weekly digest", "Letters of the English alphabet"),
    ("application", "täglich", "Letters of the English alphabet"),
    ("application", "-digest", "no hyphen at either end"),
    ("application", "${aws:username}", "Letters of the English alphabet"),
    ("application", "a" * 31, "31 characters: at most 30, so that the IAM user name fits."),
    ("application", "a" * 61, "61 characters: at most 30, so that the IAM user name fits."),
    ("purpose", "", "Say what it is for"),
    ("purpose", "x" * 501, "501 characters: at most 500."),
    ("regions", [], "Choose at least on"),
    ("regions", ["eu-west-1"], "outside the regions"),
    ("regions", ["../../etc"], "outside the regions"),
    ("from_addresses", "", "Name at least one"),
    ("from_addresses", "News@example.com", "write news@example.com"),
    ("from_addresses", "news@billing.example.com", "outside what Newsletter may send as"),
    ("from_addresses", "n?ws@example.com", "letters, digits"),
    ("from_addresses", "${aws:username}@example.com", "letters, digits"),
    ("from_addresses", "*@*", "is not an e-mail address"),
    ("from_addresses", "ne*s@example.com", "letters, digits"),
    ("from_addresses", "example.com", "is not an e-mail address"),
    ("from_addresses", "\n".join(f"n{i}@example.com" for i in range(41)), "at most 40"),
    ("from_addresses", "\n".join(f"{'n' * 40}{i}@example.com" for i in range(40)), "The policy would have"),
    ("lifetime_days", "0", "At least 1 day"),
    ("lifetime_days", "181", "longer than Newsletter may"),
    ("lifetime_days", "", "needs an end date"),
    ("lifetime_days", "soon", "Type a whole number"),
    ("team", "billing", "You are not in that team"),
    ("team", "", "Choose a team"),
]


def error_of(page: str, field: str) -> str:
    """What stands beside `field`, tied to it for those who cannot see."""
    import html
    import re

    found = re.search(rf'id="id_{field}_error"(.*?)</p>', page, re.DOTALL)
    return html.unescape(found[1]) if found else ""


@pytest.mark.parametrize(("field", "value", "words"), MISTAKES)
def test_a_mistake_is_told_beside_its_field(world, aws_account, field, value, words):
    before = len(aws_account.calls)
    response = signed_in(world, "member").post(FORM, typed(world, **{field: value}))
    page = text(response)
    assert response.status_code == 422
    assert words in error_of(page, field)
    for other, kept in typed(world, **{field: value}).items():
        if isinstance(kept, str) and kept and "\n" not in kept and other != "team" and "$" not in kept:
            assert kept in page, f"{other} was lost"
    assert not CredentialRequest.objects.exists()
    assert aws_account.calls[before:] == []


def test_null_bytes_are_refused_in_words(world):
    response = signed_in(world, "member").post(FORM, typed(world, purpose="a\x00b"))
    assert response.status_code == 422
    assert "Null characters are not allowed" in text(response)


def test_a_region_without_an_smtp_endpoint(world):
    Team.objects.update(regions=["af-south-1", "eu-central-1"])
    response = signed_in(world, "member").post(FORM, typed(world, regions=["af-south-1"]))
    assert "no SMTP endpoint in af-south-1" in error_of(text(response), "regions")


def test_an_identity_that_is_not_verified(world):
    RegionReading.objects.filter(region="us-east-1").update(identities=["billing.example.com"])
    response = signed_in(world, "member").post(FORM, typed(world))
    assert "no verified identity in us-east-1 covers it" in error_of(text(response), "from_addresses")


def test_identities_that_were_never_read_can_be_read_from_the_page(world):
    RegionReading.objects.all().delete()
    client = signed_in(world, "member")
    response = client.post(FORM, typed(world))
    assert "have not been read yet" in error_of(text(response), "regions")
    assert client.post("/identities/").status_code in {303, 422, 200}
    assert RegionReading.objects.count() == 2
    assert client.post(FORM, typed(world)).status_code == 200


def test_the_sixth_credential_says_which_limit(world):
    client = signed_in(world, "member")
    for number in range(5):
        Visit.issued(world, client, application=f"app-{number}")
    response = client.post(FORM, typed(world))
    assert response.status_code == 422
    assert "holds 5 of 5 live credentials" in error_of(text(response), "team")


def test_the_limit_holds_at_the_button_too(world):
    client = signed_in(world, "member")
    waiting = [Visit.reviewing(world, client, application=f"app-{number}") for number in range(6)]
    statuses = [client.post(visit.address).status_code for visit in waiting]
    assert statuses == [303] * 5 + [409]
    assert Credential.objects.count() == 5


def test_a_stale_review_is_not_issued_and_its_answers_stay(world):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    CredentialRequest.objects.update(reviewed_at=timezone.now() - timedelta(minutes=61))
    response = visit.client.post(visit.address)
    assert response.status_code == 409
    assert "out of date" in text(response)
    assert not Credential.objects.exists()
    assert "weekly-digest" in text(visit.client.get(f"{FORM}?like={visit.id}"))


def test_a_guardrail_that_was_narrowed_meanwhile_holds(world):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    Team.objects.filter(slug="newsletter").update(from_entries=["only@example.com"])
    assert visit.client.post(visit.address).status_code == 409
    assert not Credential.objects.exists()


def test_two_tabs_are_two_reviews_and_pressing_twice_issues_once(world, aws_account):
    client = signed_in(world, "member")
    first, second = Visit.reviewing(world, client), Visit.reviewing(world, client)
    assert first.address != second.address
    before = len(aws_account.calls)
    client.cookies["handover_key"] = first.cookie.value
    assert [client.post(first.address).status_code for _ in range(2)] == [303, 303]
    assert [call[0] for call in aws_account.calls[before:]] == ["CreateUser", "PutUserPolicy", "CreateAccessKey"]
    assert Credential.objects.count() == 1


def test_what_another_person_reviewed_is_not_there(world):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    outsider = signed_in(world, "outsider")
    outsider.cookies["handover_key"] = visit.cookie.value
    assert outsider.post(visit.address).status_code in {403, 404}
    assert outsider.get(visit.address).status_code in {403, 404}
    assert not Credential.objects.exists()


@pytest.mark.parametrize(("longest", "proposed"), [(30, "30"), (1, "1"), (400, "90")])
def test_the_form_proposes_what_the_team_may_have_and_says_what_empty_means(world, longest, proposed):
    Team.objects.filter(pk=world.newsletter.pk).update(longest_lifetime_days=longest)
    member = signed_in(world, "member")
    page = text(member.get(FORM))
    assert re.search(r'name="lifetime_days" value="(\d+)"', page)[1] == proposed
    assert "Left empty: no end, for which an administrator has to be asked." in page
    Team.objects.filter(pk=world.newsletter.pk).update(allows_no_expiry=True)
    assert "Left empty: no end." in text(member.get(FORM))


def test_a_guardrail_may_allow_no_end(world):
    Team.objects.filter(slug="newsletter").update(allows_no_expiry=True)
    visit = Visit.issued(world, lifetime_days="")
    assert visit.credential.expires_at is None
    assert "DateLessThan" not in visit.credential.request.policy


def test_the_review_shows_everything_exactly(world):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    request = CredentialRequest.objects.get()
    for exact in (request.user_name, request.path, request.boundary_arn, "ses:SendRawEmail", "DateLessThan"):
        assert exact in visit.reviewed
    assert all(f"{name} = {value}" in visit.reviewed for name, value in request.tags.items())
    assert all(call in visit.reviewed for call in ("CreateUser", "PutUserPolicy", "CreateAccessKey"))


def test_identities_that_cannot_be_read_take_nothing_away_that_was_typed(world, aws_account):
    aws_account.faults.set("ListEmailIdentities", "error", code="ServiceFailure", status=500)
    page = text(signed_in(world, "member").post("/identities/", typed(world, application="half-a-form")))
    assert "The verified identities were not all read." in page
    assert re.search(r"\(ServiceFailure, request \w", page)
    assert 'value="half-a-form"' in page
