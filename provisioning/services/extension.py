"""Extending: a credential lasts longer, with the same keys and passwords. One call puts its policy with the new end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from provisioning import audit
from provisioning.domain import sending_policy
from provisioning.domain.lifecycle import STAYING
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws
from provisioning.models import Claim, Credential
from provisioning.services import limits, requesting, widening
from provisioning.services.amending import NOTHING, Amendment, Call, Change, about, amend
from provisioning.services.claiming import Pressed
from provisioning.services.clock import MOMENT, Clock, real_time

FIELD = "lifetime_days"  # beside which a form shows what the guardrail says of the end


@dataclass(frozen=True)
class Review:
    """What will be put: nothing has happened yet. `reviewed` is the hash of the policy that it replaces."""

    credential: Credential
    until: datetime | None
    policy: str
    reviewed: str

    @property
    def size(self) -> int:
        """How many characters IAM counts of the new policy."""
        return sending_policy.size(self.policy)


def review(credential_id: int, days: int | None, *, by: Actor, now: datetime) -> Review:
    """Return what extending to `days` from now (None: without an end) would do; raise a `Refusal` if it may not be."""
    credential = Credential.objects.visible_to(by).select_related("team", "account").filter(pk=credential_id).first()
    subject = about(credential, credential_id)
    with audit.refusals_recorded(Act.CREDENTIAL_EXTEND, subject, by=by, at=now):
        demand(by, Act.CREDENTIAL_EXTEND)
        if credential is None:
            raise not_there("credential")
        demand(by, Act.CREDENTIAL_EXTEND, credential.target)
        until = None if days is None else now.replace(microsecond=0) + timedelta(days=days)
        _require_extendable(credential, until, by=by, now=now)
    return Review(credential, until, requesting.policy_of(credential, expires_at=until), credential.policy_hash)


def extend(
    credential_id: int,
    until: datetime | None,
    *,
    reviewed: str,
    by: Actor,
    gateway: Aws,
    clock: Clock = real_time,
) -> Pressed:
    """Let the credential last `until` then; `reviewed` is the hash of the policy that the reviewer saw to be replaced.

    Pressing twice extends once. Raises `Refusal`, or `GatewayFault` if AWS said no or nothing.
    """

    def decide(credential: Credential) -> Change | None:
        if credential.state in STAYING and credential.expires_at == until:
            return None
        _require_extendable(credential, until, by=by, now=clock())
        if credential.policy_hash != reviewed:
            raise _stale(credential)
        digest = requesting.policy_hash(requesting.policy_of(credential, expires_at=until))
        return Change(
            {"expires": _told(credential.expires_at), "policy": credential.policy_hash},
            {"expires": _told(until), "policy": digest},
        )

    return amend(EXTENSION, credential_id, decide, by=by, gateway=gateway, clock=clock)


def is_extendable(credential: Credential) -> bool:
    """Return whether it has an end that can be moved: AWS has its user still, though it may have ended the sending."""
    return credential.state in STAYING and credential.expires_at is not None


def require_an_end(credential: Credential, now: datetime) -> None:
    """Raise a `Refusal` where no end can be moved: there is none, or the IAM user is gone, or going."""
    if credential.state not in STAYING:
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{credential.application} is {credential.shown_state(now).label.lower()}",
            reason="Only a credential whose IAM user is still there can last longer. Issue another one.",
            created_note=NOTHING,
        )
    if credential.expires_at is None:
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{credential.application} has no end",
            reason="There is nothing to extend: it lasts until somebody revokes it.",
            created_note=NOTHING,
        )


def _require_extendable(credential: Credential, until: datetime | None, *, by: Actor, now: datetime) -> None:
    widening.require_second_word(credential.team, by=by, now=now)
    require_an_end(credential, now)
    found = _end_breaches(credential, until) or limits.breaches(credential, now=now, expires_at=until)
    if found:
        raise Refusal(
            why=Reason.OUTSIDE_GUARDRAIL,
            title="Not within the limits",
            reason=" ".join(breach.text for breach in found),
            breaches=found,
            created_note=f"{NOTHING} What you typed is kept.",
        )


def _end_breaches(credential: Credential, until: datetime | None) -> tuple[Breach, ...]:
    """Return that it would not last longer, if so: an earlier end is no extension."""
    ends = credential.expires_at
    if ends is not None and until is not None and until <= ends:
        return (Breach(FIELD, f"It lasts until {ends:{MOMENT}} already. Give more days, or revoke it to end it."),)
    return ()


def _stale(credential: Credential) -> Refusal:
    ends = f"{credential.expires_at:{MOMENT}}" if credential.expires_at else "never"
    reason = f"Somebody changed {credential.application} since you reviewed it. It ends {ends}. Review it again."
    return Refusal(
        why=Reason.NOT_NOW,
        title="It has changed since you reviewed it",
        reason=reason,
        breaches=(Breach(FIELD, reason),),
        created_note=f"{NOTHING} What you typed is kept.",
    )


def _told(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _end(after: Mapping[str, object]) -> datetime | None:
    return datetime.fromisoformat(str(after["expires"])) if after["expires"] else None


def _calls(credential: Credential, after: Mapping[str, object]) -> list[Call]:
    policy = requesting.policy_of(credential, expires_at=_end(after))

    def put(gateway: Aws) -> None:
        gateway.put_policy(credential.user_name, credential.policy_name, policy)

    return [Call("PutUserPolicy", credential.user_name, put)]


def _remember(claim: Claim, _now: datetime) -> None:
    after = (claim.change or {})["after"]
    Credential.objects.filter(pk=claim.credential_id).update(expires_at=_end(after), policy_hash=after["policy"])


EXTENSION = Amendment(Act.CREDENTIAL_EXTEND, _calls, _remember)
