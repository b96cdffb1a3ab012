"""Two browsers, or two workers, at the same act at once, in processes of their own: one effect."""

import pytest
from django.conf import settings

from provisioning.domain.lifecycle import STAYING, Outcome
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Claim, Credential, Person, Team
from provisioning.services import revocation
from tests.services.bad_days import TRIALS, among
from tests.services.beside import Press, Web
from tests.services.killed import REFUSED
from tests.web.visits import sign_in

pytestmark = [pytest.mark.kill, pytest.mark.bad_day("races")]

ROUNDS = 6 if settings.ON_SQLITE else 50  # PostgreSQL is where rows are locked, and where races are won and lost
BETWEEN_LOOKS = 5  # rounds; all of the history is read each time
WITH_BUTTON = [trial for trial in TRIALS if trial.button]
BY_A_WORKER = [trial for trial in TRIALS if not trial.button]
SAME_BROWSER = ("/handovers/", "/stops/new/")  # only who was shown the review, or the preview, may press there


@pytest.fixture(scope="module")
def web(sandbox, django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), Web.running(tmp_path_factory.mktemp("web")) as served:
        yield served


@pytest.fixture
def world(committed_world):
    Team.objects.update(live_limit=100)
    return committed_world


def of_another_browser(press):
    """The same button in front of somebody else; where only one browser may press, in a second window of it."""
    if press.address.startswith(SAME_BROWSER):
        return Press(press.client, press.address, press.typed)
    presser = int(press.client.session["_auth_user_id"])
    other = Person.objects.filter(standing="administrator").exclude(pk=presser).first()
    client = type(press.client)()
    sign_in(client, other)
    return Press(client, press.address, press.typed)


def clear(world, truth, turn):
    """Compare the books with AWS, then begin the next round with nothing there: a stop has as much before it again."""
    if turn % BETWEEN_LOOKS == 0:
        assert truth.agrees()
    by = world.actor("admin")
    for pk in Credential.objects.filter(state__in=STAYING).values_list("pk", flat=True):
        revocation.revoke(pk, by=by, gateway=aws())
    assert truth.users() == {}


def writes(calls):
    return [each for each in calls if not each[0].startswith(("Get", "List"))]


def is_done_once(trial, about, called):
    """AWS was asked for it once, it is so, and the history tells of one."""
    assert writes(called) == writes(trial.answers)
    assert trial.is_done(about)
    claims = Claim.objects.filter(act=trial.act).exclude(outcome=Outcome.DONE)
    assert not claims.exists()
    return True


def is_told_once(trial, events):
    """At each credential and team that it is about, the history tells once that it was done."""
    done = list(events.filter(act=trial.act, outcome=Outcome.DONE).values_list("credential_id", "team_id"))
    assert len(set(done)) == len(done) > 0
    return True


@among(WITH_BUTTON)
def test_two_browsers_do_it_once(world, truth, web, trial):
    for turn in range(ROUNDS):
        about = trial.before(world)
        press, before = Press(*trial.button(world, about)), len(truth.sandbox.calls)
        about = about if not trial.makes_user else press.address.split("/")[2]
        told = AuditEvent.objects.count()
        answers = web.at_once(press, of_another_browser(press))
        assert {each.status for each in answers} <= {303, 409}, answers
        assert 303 in {each.status for each in answers}
        assert is_done_once(trial, about, truth.sandbox.calls[before:])
        assert is_told_once(trial, AuditEvent.objects.filter(sequence__gt=told))
        clear(world, truth, turn)


@among(BY_A_WORKER)
def test_two_workers_do_it_once(world, truth, nursery, trial):
    for turn in range(ROUNDS):
        about, before = trial.before(world), len(truth.sandbox.calls)
        assert sorted(nursery.race(trial.name, about)) in ([0, 0], [0, REFUSED])
        assert is_done_once(trial, about, truth.sandbox.calls[before:])
        clear(world, truth, turn)
