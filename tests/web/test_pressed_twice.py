"""A button pressed again while its act has not ended: done once, and nobody reads that it is done."""

import re
from html import unescape

import pytest

from provisioning.domain.lifecycle import Seal
from provisioning.gateway.smtp import Answer
from provisioning.models import Handover
from tests.builders import browser
from tests.services.bad_days import TRIALS, among
from tests.services.test_suspension import passwords, signs_in
from tests.services.truth import Truth, recover_all
from tests.web.visits import Visit, signed_in, text

pytestmark = pytest.mark.django_db
CHANGES = [trial for trial in TRIALS if trial.button and not trial.makes_user and trial.is_answered]
# Their buttons lead to the page of the hand-over, which says by itself how far it is.
TELLS = [trial for trial in CHANGES if trial.name not in {"rotate", "resume-console"}]


@pytest.fixture
def truth(world, aws_account):
    return Truth(aws_account)


def led_to(client, response):
    """The page that an answer leads to, which says what came of it."""
    assert response.status_code == 303
    return unescape(text(client.get(response["Location"])))


@among(TELLS)
def test_the_second_press_says_that_it_has_not_ended(world, truth, aws_account, trial):
    about = trial.before(world)
    client, address, typed = trial.button(world, about)
    call = next(each for each in trial.calls if not each.startswith("Get"))
    aws_account.faults.set(call, "error", code="ServiceFailure", status=500)
    assert client.post(address, typed).status_code == 502
    before = len(aws_account.calls)
    page = led_to(client, client.post(address, typed))
    aws_account.faults.clear()
    assert "AWS has not confirmed it yet." in page
    assert not re.search(r"(Revoked|Suspended|Resumed|Retired|Reactivated|Extended|Changed|Transferred)[.]", page)
    assert call not in {name for name, _ in aws_account.calls[before:]}
    recover_all()
    assert trial.is_done(about)
    assert truth.agrees()


def test_nobody_reads_revoked_while_it_sends(world, truth, aws_account):
    ours = browser()
    one = world.issued(shown_in=ours)
    login, client = passwords(world, one, ours), signed_in(world, "member")
    aws_account.faults.set("DeleteAccessKey", "error", code="ServiceFailure", status=500)
    first = client.post(f"/credentials/{one.pk}/revocation/")
    assert first.status_code == 502
    assert "It is not certain that it has stopped sending." in text(first)
    second = led_to(client, client.post(f"/credentials/{one.pk}/revocation/"))
    assert signs_in(login).answer is Answer.ACCEPTED
    assert "It is being revoked; AWS has not confirmed it yet." in second
    aws_account.faults.clear()
    recover_all()
    third = led_to(client, client.post(f"/credentials/{one.pk}/revocation/"))
    assert "Revoked. It is of no use to anybody any more." in third
    assert signs_in(login).answer is not Answer.ACCEPTED
    assert truth.agrees()


def test_nobody_reads_that_what_they_lost_is_revoked_before_it_is(world, truth, aws_account):
    visit = Visit.issued(world)
    aws_account.faults.set("DeleteAccessKey", "error", code="ServiceFailure", status=500)
    assert visit.post("loss/").status_code == 502
    page = led_to(visit.client, visit.post("loss/"))
    assert "It is being revoked; AWS has not confirmed it yet." in page
    assert "Revoked." not in page
    aws_account.faults.clear()
    recover_all()
    assert Handover.objects.get().state in {Seal.EXPIRING, Seal.BURNT}
    assert truth.agrees()
