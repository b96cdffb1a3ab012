"""Readdressing: a live credential may send as other From addresses. One call puts its whole policy anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from guidance.catalogue import Kind
from provisioning import audit
from provisioning.domain import sending_policy
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Wish
from provisioning.domain.lifecycle import STAYING, State
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws
from provisioning.models import Claim, Credential
from provisioning.services import identities, limits, requesting, widening
from provisioning.services.amending import NOTHING, Amendment, Call, Change, about, amend
from provisioning.services.claiming import Pressed
from provisioning.services.clock import Clock, real_time

Entries = tuple[FromEntry, ...]


@dataclass(frozen=True)
class Review:
    """What will be put: nothing has happened yet. `reviewed` is the hash of the policy that it replaces."""

    credential: Credential
    before: Sequence[str]
    after: Sequence[str]
    policy: str
    reviewed: str

    @property
    def size(self) -> int:
        """How many characters IAM counts of the new policy."""
        return sending_policy.size(self.policy)


def review(credential_id: int, entries: Entries, *, by: Actor, now: datetime) -> Review:
    """Return what `readdress` would do; raise a `Refusal` that says what to change."""
    credential = Credential.objects.visible_to(by).select_related("team", "account").filter(pk=credential_id).first()
    subject = about(credential, credential_id)
    with audit.refusals_recorded(Act.CREDENTIAL_READDRESS, subject, by=by, at=now):
        demand(by, Act.CREDENTIAL_READDRESS)
        if credential is None:
            raise not_there("credential")
        demand(by, Act.CREDENTIAL_READDRESS, credential.target)
        widening.require_second_word(credential.team, by=by, now=now)
        _require_staying(credential, now)
        wanted = [str(entry) for entry in entries]
        _require_within_limits(credential, entries, wanted, now)
    return Review(credential, credential.from_entries, wanted, _policy(credential, wanted), credential.policy_hash)


def readdress(
    credential_id: int, entries: Entries, *, reviewed: str, by: Actor, gateway: Aws, clock: Clock = real_time
) -> Pressed:
    """Put what was reviewed; `reviewed` is the hash of the policy that the reviewer saw to be replaced."""
    wanted = [str(entry) for entry in entries]

    def decide(credential: Credential) -> Change | None:
        widening.require_second_word(credential.team, by=by, now=clock())
        _require_staying(credential, clock())
        if credential.from_entries == wanted:
            return None
        if credential.policy_hash != reviewed:
            raise _stale(credential)
        _require_within_limits(credential, entries, wanted, clock())
        digest = requesting.policy_hash(_policy(credential, wanted))
        return Change(
            {"from": credential.from_entries, "policy": credential.policy_hash}, {"from": wanted, "policy": digest}
        )

    return amend(READDRESSING, credential_id, decide, by=by, gateway=gateway, clock=clock)


def _require_within_limits(credential: Credential, entries: Entries, wanted: Sequence[str], now: datetime) -> None:
    """Raise a `Refusal` naming every limit that is broken. Only where something is added, the guardrail is one."""
    wish = Wish(Kind(credential.kind), tuple(credential.regions), entries, None, credential.options)
    found: tuple[Breach, ...] = ()
    if _adds(credential, entries):
        found = limits.breaches_of_more(credential, "from_addresses", now=now, from_entries=wanted)
    narrowed = [
        breach.text for breach in requesting.never_breaches(credential.account, wish) if breach.field == "actions"
    ]
    found = (*found, *(Breach("from_addresses", text) for text in narrowed))
    found = (*found, *requesting.size_breaches(_policy(credential, wanted)))
    found = found or identities.breaches(credential.account, wish)
    if list(wanted) == credential.from_entries:
        found = (Breach("from_addresses", "These are the addresses that it has already."),)
    if found:
        raise Refusal(
            why=Reason.OUTSIDE_GUARDRAIL,
            title="Not within the limits",
            reason=" ".join(breach.text for breach in found),
            breaches=found,
            created_note=f"{NOTHING} What you typed is kept.",
        )


def _adds(credential: Credential, entries: Entries) -> bool:
    """Return whether one of `entries` allows what none that it has does."""
    had = [FromEntry.parse(entry) for entry in credential.from_entries]
    return not all(any(old.contains(entry) for old in had) for entry in entries)


def _require_staying(credential: Credential, now: datetime) -> None:
    if credential.kind == Kind.CONSOLE:
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{credential.application} sends as nobody",
            reason="It is a console login: what it may do in SES was chosen when it was issued.",
            created_note=NOTHING,
        )
    state = credential.shown_state(now)
    if credential.state not in STAYING or state is State.EXPIRED:
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{credential.application} is {state.label.lower()}",
            reason="Only a credential that is live or suspended can get other From addresses. Issue another one.",
            created_note=NOTHING,
        )


def _stale(credential: Credential) -> Refusal:
    now = f"Somebody gave {credential.application} other From addresses since you reviewed it. Those that hold now: "
    reason = f"{now}{', '.join(credential.from_entries)}. Review yours again."
    return Refusal(
        why=Reason.NOT_NOW,
        title="It has changed since you reviewed it",
        reason=reason,
        breaches=(Breach("from_addresses", reason),),
        created_note=f"{NOTHING} What you typed is kept.",
    )


def _policy(credential: Credential, entries: Sequence[str]) -> str:
    return requesting.policy_of(credential, from_entries=entries)


def _calls(credential: Credential, after: Mapping[str, object]) -> list[Call]:
    policy = _policy(credential, _entries(after))

    def put(gateway: Aws) -> None:
        gateway.put_policy(credential.user_name, credential.policy_name, policy)

    return [Call("PutUserPolicy", credential.user_name, put)]


def _entries(after: Mapping[str, object]) -> list[str]:
    entries = after["from"]
    return list(map(str, entries)) if isinstance(entries, list) else []


def _remember(claim: Claim, _now: datetime) -> None:
    after = (claim.change or {})["after"]
    Credential.objects.filter(pk=claim.credential_id).update(from_entries=after["from"], policy_hash=after["policy"])


READDRESSING = Amendment(Act.CREDENTIAL_READDRESS, _calls, _remember)
