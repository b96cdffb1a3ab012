"""Watching a key: since when nothing should use it any more, and when AWS last saw it used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from guidance.catalogue import Kind
from provisioning import audit
from provisioning.domain import last_use
from provisioning.domain.lifecycle import Seal, State
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import NextStep, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import ACCESS_DENIED, Aws, GatewayFault, KeyLastUse
from provisioning.models import AccessKey, Credential, Handover
from provisioning.services import in_aws, set_up
from provisioning.services.amending import NOTHING

# A key that was just made inactive can still sign in somewhere for some seconds.
SETTLES = timedelta(minutes=2)


@dataclass(frozen=True)
class Watched:
    """A key that somebody thinks of retiring, or has: since when nothing should use it, and when AWS last saw it used.

    `old` is the other one, where the key is the new one of two: then everything is to use it.
    """

    key: AccessKey
    since: datetime
    last: KeyLastUse | None = None
    is_said: bool = False  # that everything has switched; else `since` is when the new key was stored
    is_gone: bool = False  # AWS does not have it any more
    old: AccessKey | None = None

    @property
    def used(self) -> KeyLastUse | None:
        """Its use after everything had switched to the other, None if AWS knows of none."""
        if self.old is not None:
            return None
        return self.last if self.last is not None and self.last.used_at > self.since else None

    @property
    def needs_reason(self) -> bool:
        """Whether ending it takes a reason: something uses it, or everything was switched to it."""
        return not self.is_gone and (self.old is not None or self.used is not None)

    @property
    def service(self) -> str:
        """What it was last used for, in words."""
        return last_use.service(Kind(self.key.credential.kind), self.last.service) if self.last else ""


def watch(credential_id: int, key_id: str, *, by: Actor, gateway: Aws, now: datetime) -> Watched:
    """Return what is known of a key before it is retired, or deleted; asks AWS once. An empty `key_id`: the oldest."""
    found = Credential.objects.visible_to(by).select_related("team", "account")
    credential = found.filter(pk=credential_id).first()
    with audit.refusals_recorded(Act.CREDENTIAL_RETIRE, subject_of(credential, credential_id), by=by, at=now):
        demand(by, Act.CREDENTIAL_RETIRE)
        if credential is None:
            raise not_there("credential")
        demand(by, Act.CREDENTIAL_RETIRE, credential.target)
        kept = list(credential.keys.kept())
        key = next((each for each in kept if key_id in {each.key_id, ""}), None)
        if key is None:
            raise not_there("key")
        key.credential = credential
        if key.retired_at is not None:
            return watch_retired(key, key.retired_at, gateway=gateway, now=now)
        require_live(credential, now)
        in_use = [each for each in kept if each.is_in_use]
        newest = newest_beside(credential, in_use, by=by)
        gateway = set_up.require_account(credential.account, gateway, now=now)
        last, is_gone = last_use_of(key, gateway)
        old = in_use[0] if key == newest else None
    return Watched(
        key, since=_cut_over(newest), last=last, is_said=newest.cut_over_at is not None, is_gone=is_gone, old=old
    )


def watch_retired(key: AccessKey, retired_at: datetime, *, gateway: Aws, now: datetime) -> Watched:
    """Return what is known of a retired key: somebody may have made it active in AWS by hand. Asks AWS once."""
    gateway = set_up.require_account(key.credential.account, gateway, now=now)
    last, is_gone = last_use_of(key, gateway)
    return Watched(key, retired_at + SETTLES, last, is_gone=is_gone)


def last_use_of(key: AccessKey, gateway: Aws) -> tuple[KeyLastUse | None, bool]:
    """Return the last use, and whether the key is gone: AWS denies what it knows of a key of nobody."""
    try:
        return gateway.key_last_used(key.key_id), False
    except GatewayFault as fault:
        if fault.code == ACCESS_DENIED and key.key_id not in {
            each.key_id for each in in_aws.keys_of(key.credential, gateway)
        }:
            return None, True
        fault.words = f"{fault.words} So it is not known whether something still uses {key.key_id}."
        raise


def cut_over(key: AccessKey) -> datetime | None:
    """Return since when everything should use `key`: as its owner said, or since they stored it; None before that."""
    if key.cut_over_at is not None:
        return key.cut_over_at
    handover = Handover.objects.filter(key=key).first()
    return key.made_at if handover is None else handover.ended_at


def _cut_over(key: AccessKey) -> datetime:
    since = cut_over(key)
    if since is None:  # newest_beside() has seen to it
        raise TypeError("its hand-over is open")
    return since


def newest_beside(credential: Credential, in_use: Sequence[AccessKey], *, by: Actor) -> AccessKey:
    """Return the newest of two keys in use; raise a `Refusal` if there is one alone, or the newest is not stored."""
    its_page = NextStep(
        f"Look at {credential.application}",
        "Its page shows its keys, and the step that is next.",
        reverse("credential", args=(credential.pk,)),
        f"Open {credential.application}",
    )
    if len(in_use) < 2:
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{credential.application} has one key that works",
            reason="Retiring it would stop its mail. Rotate first; or suspend or revoke the credential.",
            next_steps=(its_page,),
            created_note=NOTHING,
        )
    if in_use[-1].delete_due_at is not None:
        raise Refusal(
            why=Reason.NOT_NOW,
            title="The new key is lost",
            reason="It is being deleted, so the old one alone is of use. Rotate again once it is gone.",
            next_steps=(its_page,),
            created_note=NOTHING,
        )
    waiting = Handover.objects.filter(key=in_use[-1]).exclude(state=Seal.BURNT).first()
    if waiting is not None:
        raise Refusal(
            why=Reason.NOT_NOW,
            title="The new key is not stored yet",
            reason="Show and store it first, and switch everything to it. Until then only the old one is in use.",
            next_steps=(_its_handover(waiting), its_page) if waiting.person_id == by.person_id else (its_page,),
            created_note=NOTHING,
        )
    return in_use[-1]


def _its_handover(handover: Handover) -> NextStep:
    where = reverse("handover", args=(handover.pk,))
    return NextStep("Open the hand-over", "It waits in the browser that made the key.", where, "Open the hand-over")


def without_password(credential: Credential, keys: Iterable[AccessKey]) -> list[str]:
    """Return the regions of the credential for which none of its `keys` in use has a password, as SMTP needs."""
    if credential.kind != Kind.SMTP:
        return []  # the policy is the user's: every key works in each
    working = [key for key in keys if key.is_in_use and key.delete_due_at is None]
    have = {login.region for key in working for login in key.logins.all()}
    return [region for region in credential.regions if region not in have]


def require_live(credential: Credential, now: datetime) -> None:
    """Raise a `Refusal` unless the credential is live: while it is suspended all its keys are to stay inactive."""
    state = credential.shown_state(now)
    if state is not State.LIVE:
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{credential.application} is {state.label.lower()}",
            reason="Keys are switched, retired and reactivated while the credential is live.",
            created_note=NOTHING,
        )


def subject_of(credential: Credential | None, otherwise: int = 0) -> audit.Subject:
    """Return what the history names: the credential, or the address that was asked for."""
    if credential is None:
        return audit.Subject(f"credential {otherwise}")
    return audit.Subject(credential.application, credential, credential.team)
