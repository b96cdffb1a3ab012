"""May this actor do this act to this thing? Pure; the answer is a refusal in words, or nothing."""

from dataclasses import dataclass

from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import FRESH_FOR, NEEDS_FRESH_SIGN_IN, THE_TABLE, Act, Actor, Reach, Role


@dataclass(frozen=True)
class Target:
    """What an act reaches for: the team it belongs to and the person who holds it, where there are such."""

    team_id: int | None = None
    person_id: int | None = None


NOWHERE = Target()

_WHO_MAY: dict[Reach, str] = {
    Reach.OWN: "Only the person who issued it can do this.",
    Reach.OWN_TEAMS: "Only members of the team it belongs to can do this.",
}
_AS_ROLE: dict[Role, tuple[str, str]] = {
    Role.AUDITOR: ("Auditors change nothing", "An auditor sees everything but secrets, and changes nothing."),
    Role.GUEST: ("You have no role here yet", "An administrator can add you to a team. The guide is open to you."),
}


# Why else something is not there, where it belongs to no team.
_OR = {
    "review": "or it is somebody else's, or nobody used it within a day",
    "hand-over": "or it is somebody else's, or nobody used its review within a day",
    "team": "or you are not in it",
    "person": "or they were never here",
    "member": "or they are in the team no more",
    "session": "or it is gone",
    "invitation": "or it is gone",
    "AWS account": "or nothing new is made in it any more",
}


def reaches(actor: Actor, act: Act, target: Target = NOWHERE) -> bool:
    """Return whether THE TABLE lets `actor` do `act` to `target`. Without a target: to anything at all."""
    reach = THE_TABLE[act][actor.role]
    if reach is Reach.EVERYTHING:
        return True
    if reach is Reach.NOTHING:
        return False
    if target == NOWHERE:
        return True
    is_theirs = actor.role is Role.ADMINISTRATOR or target.team_id in actor.team_ids
    if reach is Reach.OWN:
        return is_theirs and target.person_id is not None and target.person_id == actor.person_id
    return is_theirs


def demand(actor: Actor, act: Act, target: Target = NOWHERE) -> None:
    """Raise a `Refusal` unless `actor` may do `act` to `target`, and has signed in lately where the act needs that."""
    if reaches(actor, act, target):
        _demand_fresh(actor, act)
        return
    title, reason = _AS_ROLE.get(actor.role, ("This is not yours to do", ""))
    reason = reason or _WHO_MAY.get(THE_TABLE[act][actor.role], f"A {actor.role} cannot do this.")
    raise Refusal(why=Reason.NOT_PERMITTED, title=title, reason=reason, met_nothing=target == NOWHERE)


def _demand_fresh(actor: Actor, act: Act) -> None:
    if act not in NEEDS_FRESH_SIGN_IN or actor.is_fresh or actor.role is Role.SYSTEM:
        return
    raise Refusal(
        why=Reason.NOT_FRESH,
        title="Confirm that it is you",
        reason=f"This needs a sign-in of the last {FRESH_FOR.seconds // 60} minutes. Give your password once more, "
        "then go on where you were.",
    )


def not_there(what: str) -> Refusal:
    """Return the refusal for what does not exist, or what its asker may not see: both read the same."""
    return Refusal(
        why=Reason.NOT_THERE,
        title=f"There is no such {what} here",
        reason=f"Either the address is wrong, {_OR.get(what, f'or the {what} belongs to a team that you are not in')}.",
        met_nothing=True,
    )
