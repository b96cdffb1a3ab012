"""Transferring: a credential goes to another team, within that team's limits. Its user's team tag says so in AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from guidance.catalogue import Kind
from provisioning import audit
from provisioning.domain import guardrails
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Wish
from provisioning.domain.lifecycle import STAYING
from provisioning.domain.naming import TEAM_TAG
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws
from provisioning.models import Claim, Credential, Handover, Team
from provisioning.services import widening
from provisioning.services.amending import NOTHING, Amendment, Call, Change, about, amend
from provisioning.services.claiming import Pressed
from provisioning.services.clock import Clock, real_time


@dataclass(frozen=True)
class Review:
    """What will change: nothing has happened yet."""

    credential: Credential
    to: Team
    held: int  # how many live credentials the other team has already
    is_handed_over: bool  # whether nobody waits for its secret any more


def review(credential_id: int, team_id: int, *, by: Actor, now: datetime) -> Review:
    """Return what `transfer` would do; raise a `Refusal` that says why the other team may not have it."""
    credential = Credential.objects.visible_to(by).select_related("team").filter(pk=credential_id).first()
    subject = about(credential, credential_id)
    with audit.refusals_recorded(Act.CREDENTIAL_TRANSFER, subject, by=by, at=now):
        demand(by, Act.CREDENTIAL_TRANSFER)
        if credential is None:
            raise not_there("credential")
        demand(by, Act.CREDENTIAL_TRANSFER, credential.target)
        _require_staying(credential, now)
        team = _team(team_id)
        widening.require_second_word(team, by=by, now=now)
        _require_admitted(credential, team, now)
    held = Credential.objects.holding().filter(team=team).count()
    return Review(credential, team, held, not Handover.objects.sealed().filter(credential=credential).exists())


def transfer(
    credential_id: int, team_id: int, *, from_team_id: int, by: Actor, gateway: Aws, clock: Clock = real_time
) -> Pressed:
    """Give the credential to the team `team_id`, if it is still with `from_team_id`, as the reviewer saw it."""

    def decide(credential: Credential) -> Change | None:
        team = _team(team_id, lock=True)
        if credential.team_id == team.pk:
            return None
        if credential.team_id != from_team_id:
            raise _moved(credential)
        widening.require_second_word(team, by=by, now=clock())
        _require_staying(credential, clock())
        _require_admitted(credential, team, clock())
        return Change(_told(credential.team), _told(team))

    return amend(TRANSFER, credential_id, decide, by=by, gateway=gateway, clock=clock)


def _team(team_id: int, *, lock: bool = False) -> Team:
    teams = Team.objects.select_for_update(no_key=True, of=("self",)) if lock else Team.objects.all()
    team = teams.filter(pk=team_id).first()
    if team is None:
        raise not_there("team")
    return team


def _require_admitted(credential: Credential, team: Team, now: datetime) -> None:
    """Raise a `Refusal` naming every limit of the other team that the credential, as it is, breaks."""
    wish = Wish(
        Kind(credential.kind),
        tuple(credential.regions),
        tuple(map(FromEntry.parse, credential.from_entries)),
        guardrails.days_left(credential.expires_at, now),
        credential.options,
    )
    live = Credential.objects.holding().filter(team=team).count()
    found = guardrails.breaches(team.guardrail, wish, live)
    if credential.team_id == team.pk:
        found = (Breach("team", f"{credential.application} belongs to {team.name} already."),)
    if found:
        raise Refusal(
            why=Reason.OUTSIDE_GUARDRAIL,
            title=f"Not within the limits of {team.name}",
            reason=" ".join(breach.text for breach in found),
            breaches=found,
            created_note=NOTHING,
        )


def _require_staying(credential: Credential, now: datetime) -> None:
    if credential.state in STAYING:
        return
    state = credential.shown_state(now)
    raise Refusal(
        why=Reason.NOT_NOW,
        title=f"{credential.application} is {state.label.lower()}",
        reason="Only a credential that is live or suspended can go to another team.",
        created_note=NOTHING,
    )


def _moved(credential: Credential) -> Refusal:
    reason = f"{credential.application} belongs to {credential.team.name} now. Review the transfer again."
    return Refusal(
        why=Reason.NOT_NOW,
        title="It has changed since you reviewed it",
        reason=reason,
        breaches=(Breach("team", reason),),
        created_note=f"{NOTHING} What you chose is kept.",
    )


def _told(team: Team) -> dict[str, object]:
    return {"team": team.name, "team_id": team.pk}


def _calls(credential: Credential, after: Mapping[str, object]) -> list[Call]:
    def tag(gateway: Aws) -> None:
        gateway.tag_user(credential.user_name, {TEAM_TAG: str(after["team_id"])})

    return [Call("TagUser", credential.user_name, tag)]


def _remember(claim: Claim, now: datetime) -> None:
    Credential.objects.filter(pk=claim.credential_id).update(team=(claim.change or {})["after"]["team_id"])
    Handover.objects.filter(credential=claim.credential_id).end(now)


def _both(claim: Claim) -> list[Team]:
    change = claim.change or {}
    return list(Team.objects.filter(pk__in=[change["before"]["team_id"], change["after"]["team_id"]]))


TRANSFER = Amendment(Act.CREDENTIAL_TRANSFER, _calls, _remember, teams=_both)
