"""Every act that is written down, while the history cannot be written: refused before it has done anything at all."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core import mail
from django.utils import timezone

from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, system
from provisioning.domain.widening import fingerprint
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, GuardrailChange, Handover, Person, Standing
from provisioning.services import (
    accounts,
    approval,
    asking,
    guardrails,
    handover,
    identities,
    invitations,
    memberships,
    note,
    notices,
    passwords,
    people,
    posture,
    retirement,
    sessions,
    set_up,
    teams,
    verification,
)
from provisioning.services.clock import real_time
from tests.builders import Clock, browser
from tests.services import acts
from tests.services.bad_days import TRIALS
from tests.services.elsewhere import added, wanted
from tests.services.test_asking import ask
from tests.services.test_history_unwritable import printed, run
from tests.services.test_invitations import invited, join
from tests.services.test_teams import REPORTS
from tests.web.visits import Visit, heading, signed_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.bad_day("with the history unwritable")]
World, Asked = object, Callable[[], object]

# Nothing of these is an event: they look, prepare, tell what was written, or begin acts that write for themselves.
SILENT = {
    Act.CREDENTIAL_READ, Act.CREDENTIAL_PREPARE, Act.CREDENTIAL_RECOVER, Act.CREDENTIAL_REMIND, Act.HISTORY_READ,
    Act.PERSON_READ, Act.TEAM_READ, Act.ACCOUNT_READ, Act.SWEEP_READ, Act.USAGE_READ, Act.NOTICE_READ,
    Act.NOTICE_DELIVER, Act.REQUEST_READ,
}  # fmt: skip


def now() -> dict[str, object]:
    return {"now": timezone.now()}


def of_admin(world, act, *given, **named) -> Asked:
    return lambda: act(*given, by=world.actor("admin"), **now(), **named)


def of_member(world, act, *given, **named) -> Asked:
    return lambda: act(*given, by=world.actor("member"), **now(), **named)


def waiting(world, *, seen=False):
    ours = browser()
    one = world.issued(shown_in=ours)
    if seen:
        handover.look(one.request_id, by=world.actor("member"), browser=ours, now=timezone.now())
    return one.request_id, {"by": world.actor("member"), "browser": ours}


def look(world):
    pk, who = waiting(world)
    return lambda: handover.look(pk, **who, **now())


def verify(world):
    pk, who = waiting(world)
    return lambda: verification.verify(pk, **who)


def message(world):
    pk, who = waiting(world)
    return lambda: verification.send_test(pk, region="eu-central-1", sender="digest@example.com", **who)


def burn(world):
    pk, who = waiting(world, seen=True)
    return lambda: handover.burn(pk, by=who["by"], **now())


def lose(world):
    pk, who = waiting(world)
    return lambda: handover.lose(pk, by=who["by"], gateway=aws())


def switch_over(world):
    ours, one = browser(), world.stored(regions=("eu-central-1",))
    acts.stored(acts.rotate(one, shown_in=ours).pk, shown_in=ours)
    return of_member(world, retirement.switch_over, one.pk)


def refresh(world):
    return lambda: identities.refresh_everywhere(by=world.actor("member"), gateway=aws(), **now())


def check(world):
    return of_admin(world, posture.look, aws(), of=set_up.account())


def reactivate_person(world):
    pk = world.people["guest"].pk
    people.deactivate(pk, by=world.actor("admin"), now=timezone.now())
    return of_admin(world, people.reactivate, pk)


def change_password(world):
    return lambda: passwords.change(
        Person.objects.get(email="member@example.com"), "another sentence", session_key="", **now()
    )


def reset_password(world):
    return lambda: passwords.reset(Person.objects.get(email="member@example.com"), "another sentence", **now())


def end_session(world):
    key = signed_in(world, "member").session.session_key
    theirs = UserSession.objects.create(user=world.people["member"], session_key=key, ip="127.0.0.1", user_agent="")
    return of_member(world, sessions.end, [theirs])


def remove_member(world):
    return of_admin(world, memberships.remove, "newsletter", world.people["member"].pk)


def change_guardrail(world):
    before = world.newsletter.guardrail
    after = replace(before, live_limit=before.live_limit + 1)
    return of_admin(world, guardrails.change, "newsletter", after, as_it_was=fingerprint(before))


def confirm_guardrail(world):
    change_guardrail(world)()
    seen = list(GuardrailChange.objects.values_list("pk", flat=True))
    return lambda: guardrails.confirm("newsletter", seen, by=world.actor("admin2"), **now())


def lapse(world):
    asked = ask(world)
    return lambda: asking.lapse_due(by=system("requests"), now=asked.lapses_at)


def join_by_link(world):
    made = invited(world)
    return lambda: join(made)


def notice_to_oneself(world):
    return lambda: notices.send_test(by=world.actor("admin"), clock=real_time)


OTHERS: dict[Act, Callable[[World], Asked]] = {
    Act.CREDENTIAL_NOTE: lambda world: of_member(world, note.write, world.issued().pk, "In the cellar."),
    Act.CREDENTIAL_SWITCH: switch_over,
    Act.HANDOVER_LOOK: look,
    Act.HANDOVER_VERIFY: verify,
    Act.HANDOVER_TEST: message,
    Act.HANDOVER_BURN: burn,
    Act.HANDOVER_LOSE: lose,
    Act.IDENTITY_READ: refresh,
    Act.ACCOUNT_CHECK: check,
    Act.PERSON_INVITE: lambda world: lambda: invited(world),
    Act.PERSON_JOIN: join_by_link,
    Act.INVITATION_WITHDRAW: lambda world: of_admin(world, invitations.withdraw, invited(world).invitation.pk),
    Act.PERSON_CHANGE: lambda world: of_admin(
        world, people.change_standing, world.people["guest"].pk, Standing.ADMINISTRATOR
    ),
    Act.PERSON_DEACTIVATE: lambda world: of_admin(world, people.deactivate, world.people["member"].pk),
    Act.PERSON_REACTIVATE: reactivate_person,
    Act.PASSWORD_CHANGE: change_password,
    Act.PASSWORD_RESET: reset_password,
    Act.SESSION_END: end_session,
    Act.TEAM_FORM: lambda world: of_admin(world, teams.form, "reports", REPORTS),
    Act.TEAM_RENAME: lambda world: of_admin(world, teams.rename, "newsletter", "Letters"),
    Act.MEMBERSHIP_ADD: lambda world: of_admin(world, memberships.add, "billing", "member@example.com"),
    Act.MEMBERSHIP_REMOVE: remove_member,
    Act.GUARDRAIL_CHANGE: change_guardrail,
    Act.GUARDRAIL_CONFIRM: confirm_guardrail,
    Act.NOTICE_TEST: notice_to_oneself,
    Act.REQUEST_ASK: lambda world: lambda: ask(world),
    Act.REQUEST_APPROVE: lambda world: of_admin(world, approval.approve, ask(world).pk, None, ""),
    Act.REQUEST_DECLINE: lambda world: of_admin(world, approval.decline, ask(world).pk, "Too long."),
    Act.REQUEST_WITHDRAW: lambda world: of_member(world, asking.withdraw, ask(world).pk),
    Act.REQUEST_LAPSE: lapse,
    Act.ACCOUNT_ADD: lambda world: lambda: added(world),
    Act.ACCOUNT_CHANGE: lambda world: of_admin(world, accounts.change, added(world).pk, wanted(name="Daughter")),
    Act.ACCOUNT_RETIRE: lambda world: of_admin(world, accounts.retire, added(world).pk),
}


def test_every_act_is_walked_or_writes_nothing():
    """A new act belongs among the trials, here, or among those of which nothing is an event."""
    in_trials = {trial.act for trial in TRIALS}
    assert in_trials | OTHERS.keys() | SILENT == set(Act)
    assert not (in_trials | OTHERS.keys()) & SILENT
    assert not in_trials & OTHERS.keys()


def everything() -> dict[str, list[object]]:
    """Whatever the database holds."""
    models = [*apps.get_app_config("provisioning").get_models(), UserSession]
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in models}


def last_uses(truth) -> list[object]:
    keys = [key for user in truth.users().values() for key in user.keys]
    return [truth.root.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"] for key in keys]


@pytest.mark.parametrize("act", OTHERS)
def test_it_is_refused_and_nothing_has_happened(world, truth, aws_account, unwritable, act):
    shut, take_again = unwritable
    ask_for_it = OTHERS[act](world)
    before, uses, delivered = everything(), last_uses(truth), len(mail.outbox)
    shut()
    calls = len(aws_account.calls)
    with pytest.raises(Refusal) as caught:
        ask_for_it()
    assert caught.value.why is Reason.HISTORY_UNWRITABLE
    assert aws_account.calls[calls:] == []
    assert everything() == before
    assert last_uses(truth) == uses, "it has signed in"
    assert (len(mail.outbox), aws_account.mailbox) == (delivered, [])
    take_again()
    ask_for_it()
    assert act in {*AuditEvent.objects.values_list("act", flat=True)} | {Act.IDENTITY_READ, Act.ACCOUNT_CHECK}


def refused(response) -> str:
    assert (response.status_code, heading(response)) == (503, "Nothing can be done while history cannot be written")
    assert "AWS was not called." in text(response)
    return text(response)


@pytest.mark.parametrize("below", ["look/", "confirmation/", "loss/", "verification/", "test-message/"])
def test_the_page_of_a_hand_over_prints_what_stops_its_credential(world, truth, unwritable, below):
    shut, _ = unwritable
    visit = Visit.issued(world)
    if below == "confirmation/":
        visit.look()
    shut()
    commands = printed(refused(visit.post(below, {"region": "eu-central-1", "sender": "digest@example.com"})))
    assert commands
    for command in commands:
        run(truth.root, command)
    assert not any(user.active for user in truth.users().values())
    assert bool(truth.users()) == (below != "loss/"), "what is lost is deleted"
    assert Handover.objects.get().sealed


@pytest.mark.parametrize("address", ["/setup/check/", "/identities/", "/notices/test/"])
def test_the_buttons_that_ask_somebody_outside_say_so_too(world, aws_account, unwritable, address):
    shut, _ = unwritable
    client = signed_in(world, "admin")
    shut()
    calls = len(aws_account.calls)
    refused(client.post(address))
    assert aws_account.calls[calls:] == []
    assert not mail.outbox


def test_a_test_message_of_which_the_end_cannot_be_written_is_in_the_history_as_begun(world, aws_account, unwritable):
    shut, _ = unwritable
    pk, who = waiting(world)

    class UntilTheEnd(Clock):
        looks = 0

        def __call__(self):
            self.looks += 1
            if self.looks == 4:  # the message has been taken
                shut()
            return self.now

    with pytest.raises(Refusal) as caught:
        verification.send_test(pk, region="eu-central-1", sender="digest@example.com", clock=UntilTheEnd(), **who)
    assert caught.value.created_note.startswith("The message was sent.")
    assert len(aws_account.mailbox) == 1
    assert list(AuditEvent.objects.filter(act="handover:test").values_list("outcome", flat=True)) == ["begun"]


def test_a_refusal_that_could_not_be_written_does_not_say_that_it_was(world, unwritable):
    shut, take_again = unwritable
    client, address = signed_in(world, "member"), "/people/invitations/"
    assert "Refusals are part of the history." in text(client.get(address))
    shut()
    page = text(client.get("/setup/"))
    assert "Refusals are part of the history." not in page
    assert "The history cannot be written just now, so it does not have this refusal." in page
    take_again()
    assert "Refusals are part of the history." in text(client.get("/setup/"))
