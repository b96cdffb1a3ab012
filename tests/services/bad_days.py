"""The acts that meet bad days: one entry each, from which every test of a kill, a code or a lost reply is made.

A new act joins with an entry in `TRIALS`. Its calls are written down here and compared with what the sandbox sees.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import State
from provisioning.domain.roles import Act
from provisioning.gateway.aws import aws
from provisioning.models import Credential, CredentialRequest, Stop
from provisioning.services import handover, stops
from provisioning.services.clock import real_time
from provisioning.services.stops import Scope
from tests.builders import World, browser, open_team
from tests.services import acts
from tests.web.visits import Visit, hidden, signed_in, text

Button = tuple[Client, str, dict[str, object]]  # who presses, where it posts to, what it sends


@dataclass(frozen=True)
class Trial:
    """One act. What it is about is named by the id of a review, which every credential has before it is one."""

    name: str
    act: Act  # as the claim and the history call it
    before: Callable[[World], UUID]
    press: Callable[..., object]  # the same in this process and in one that is killed
    calls: tuple[str, ...]
    done: Callable[[Credential], bool]
    recovered: Callable[[Credential], bool] | None = None  # what recovery makes of a cut act; None: it finishes it
    is_pressed_again: bool = True  # whether a second press does what the first did not
    is_answered: bool = True  # whether somebody waits for AWS's answer to this very act
    ahead: timedelta = timedelta()  # how far the clock is when it begins
    button: Callable[[World, UUID], Button] | None = None  # the last step through the pages; None: a worker's act

    @property
    def has_user(self) -> bool:
        """Whether there is an IAM user before it."""
        return self.before is not reviewed

    @property
    def each_call(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.calls))

    def begin(self, about: UUID | str, *, gateway=None, clock=real_time) -> None:
        self.press(UUID(str(about)), gateway=gateway or aws(), clock=lambda: clock() + self.ahead)

    def has_recovered(self, about: UUID) -> bool:
        return (self.recovered or self.done)(credential(about))

    def is_done(self, about: UUID) -> bool:
        return self.done(credential(about))


def among(trials: Iterable[Trial]) -> pytest.MarkDecorator:
    """Run the test once for each of them."""
    return pytest.mark.parametrize("trial", [pytest.param(trial, id=trial.name) for trial in trials])


def credential(about: UUID) -> Credential:
    return Credential.objects.select_related("owner", "team", "request").get(request=about)


# Before ---------------------------------------------------------------------------------------------------------------


def reviewed(world: World) -> UUID:
    return world.reviewed().pk


def issued(world: World) -> UUID:
    open_team()
    return world.issued().request_id


def suspended(world: World) -> UUID:
    about = issued(world)
    acts.suspend(credential(about))
    return about


def two_issued(world: World) -> UUID:
    world.issued(application="second")
    return issued(world)


def bystander(world: World) -> Credential:
    """A credential of another team that no bad day may touch; its secret was seen."""
    ours, entries = browser(), (FromEntry.parse("bill@billing.example.com"),)
    one = world.issued("outsider", team=world.billing, from_entries=entries, shown_in=ours)
    handover.look(one.request_id, by=world.actor("outsider"), browser=ours, now=real_time())
    return one


# Pressed --------------------------------------------------------------------------------------------------------------


def on_credential(act: Callable[..., object], *more: str) -> Callable[..., object]:
    return lambda about, **named: act(credential(about), *more, **named)


def issue(about: UUID, **named: object) -> None:
    acts.issue(CredentialRequest.objects.get(pk=about), **named)


def transfer(about: UUID, **named: object) -> None:
    acts.transfer(credential(about), open_team(), **named)


def stop(about: UUID, **named: object) -> None:
    """Stop the whole team; the second press goes on with it."""
    one = credential(about)
    by = one.owner.as_actor(is_fresh=True)
    if Stop.objects.filter(pk=about).exists():
        stops.try_again(about, by=by, **named)
    else:
        stops.begin(Scope(one.team), "They are misused.", stop_id=about, by=by, **named)


def expire(about: UUID, *, gateway: object, clock: Callable[[], object]) -> None:
    acts.expire(clock, gateway)


# Through the pages ----------------------------------------------------------------------------------------------------


def button_of_the_review(world: World, about: UUID) -> Button:
    visit = Visit.reviewing(world, signed_in(world, "member"))
    return visit.client, visit.address, {}


def button_at(below: str, name: str = "member", **typed: object) -> Callable[[World, UUID], Button]:
    """The button of a page of the credential; where something is typed, that of the review of it."""

    def button(world: World, about: UUID) -> Button:
        client, address = signed_in(world, name), f"/credentials/{credential(about).pk}/{below}/"
        return client, address, hidden(text(client.post(address, typed))) if typed else {}

    return button


def button_of_the_stop(world: World, about: UUID) -> Button:
    client = signed_in(world, "member")
    typed = {"team": credential(about).team.slug}
    return client, "/stops/new/", {**hidden(text(client.get("/stops/new/", typed))), **typed, "reason": "Misused."}


# The acts -------------------------------------------------------------------------------------------------------------

ASKED_FIRST = "GetUser"  # an amendment looks whether the user is the one that was made here
DELETING = ("DeleteAccessKey", "DeleteUserPolicy", "DeleteUser")
PAST_THE_HANDOVER = timedelta(minutes=17)


def is_stopped(one: Credential) -> bool:
    return not Credential.objects.filter(team=one.team).exclude(state=State.SUSPENDED).exists()


TRIALS = (
    Trial(
        "issue",
        Act.CREDENTIAL_ISSUE,
        before=reviewed,
        press=issue,
        calls=("CreateUser", "PutUserPolicy", "CreateAccessKey"),
        done=lambda one: one.state == State.LIVE,
        recovered=lambda one: one.state == State.FAILED,
        is_pressed_again=False,
        button=button_of_the_review,
    ),
    Trial(
        "revoke",
        Act.CREDENTIAL_REVOKE,
        before=issued,
        press=on_credential(acts.revoke),
        calls=DELETING,
        done=lambda one: one.state == State.REVOKED,
        button=button_at("revocation"),
    ),
    Trial(
        "suspend",
        Act.CREDENTIAL_SUSPEND,
        before=issued,
        press=on_credential(acts.suspend),
        calls=(ASKED_FIRST, "UpdateAccessKey"),
        done=lambda one: one.state == State.SUSPENDED,
        button=button_at("suspension"),
    ),
    Trial(
        "resume",
        Act.CREDENTIAL_RESUME,
        before=suspended,
        press=on_credential(acts.resume),
        calls=(ASKED_FIRST, "UpdateAccessKey"),
        done=lambda one: one.state == State.LIVE,
        button=button_at("resumption"),
    ),
    Trial(
        "readdress",
        Act.CREDENTIAL_READDRESS,
        before=issued,
        press=on_credential(acts.readdress, "news@example.com"),
        calls=(ASKED_FIRST, "PutUserPolicy"),
        done=lambda one: one.from_entries == ["news@example.com"],
        button=button_at("from-addresses", from_addresses="news@example.com"),
    ),
    Trial(
        "transfer",
        Act.CREDENTIAL_TRANSFER,
        before=issued,
        press=transfer,
        calls=(ASKED_FIRST, "TagUser"),
        done=lambda one: one.team == open_team(),
        button=button_at("transfer", "admin", team="successor"),
    ),
    Trial(
        "stop",
        Act.STOP_BEGIN,
        before=two_issued,
        press=stop,
        calls=(ASKED_FIRST, "UpdateAccessKey") * 2,
        done=is_stopped,
        recovered=lambda one: Credential.objects.filter(team=one.team, state=State.SUSPENDED).exists(),
        is_answered=False,
        button=button_of_the_stop,
    ),
    Trial(
        "expire",
        Act.HANDOVER_EXPIRE,
        before=issued,
        press=expire,
        calls=DELETING,
        done=lambda one: one.state == State.UNCLAIMED,
        is_answered=False,
        ahead=PAST_THE_HANDOVER,
    ),
)
NAMED = {trial.name: trial for trial in TRIALS}
