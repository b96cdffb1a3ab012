"""Who may do what: the roles, the acts, and THE TABLE. Each act demands its row; no door decides by itself."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is here. An auditor is nothing else beside it."""

    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    MEMBER = "member"
    GUEST = "guest"
    SYSTEM = "system"


class Act(StrEnum):
    """Everything that can be done here; the value is the word that the history keeps."""

    CREDENTIAL_READ = "credential:read"
    CREDENTIAL_PREPARE = "credential:prepare"
    CREDENTIAL_ISSUE = "credential:issue"
    CREDENTIAL_REVOKE = "credential:revoke"
    CREDENTIAL_RECOVER = "credential:recover"
    HANDOVER_LOOK = "handover:look"
    HANDOVER_VERIFY = "handover:verify"
    HANDOVER_TEST = "handover:test"
    HANDOVER_BURN = "handover:burn"
    HANDOVER_LOSE = "handover:lose"
    HANDOVER_EXPIRE = "handover:expire"
    IDENTITY_READ = "identity:read"
    HISTORY_READ = "history:read"
    ACCOUNT_CHECK = "account:check"
    USAGE_READ = "usage:read"


class Reach(StrEnum):
    """How far an act reaches for a role."""

    NOTHING = "nothing"
    OWN = "what they issued themselves"
    OWN_TEAMS = "their teams"
    EVERYTHING = "everything"


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: a person with a role, or the system's own sweep (no `person_id`)."""

    name: str
    role: Role
    person_id: int | None = None
    team_ids: frozenset[int] = frozenset()


def system(name: str) -> Actor:
    """Return the actor under whose name a sweep or a command acts, for example ``system("recovery")``."""
    return Actor(name=name, role=Role.SYSTEM)


_ALL, _TEAMS, _OWN, _NONE = Reach.EVERYTHING, Reach.OWN_TEAMS, Reach.OWN, Reach.NOTHING

# Columns: administrator, auditor, member, guest, system.
_ROWS: dict[Act, tuple[Reach, Reach, Reach, Reach, Reach]] = {
    Act.CREDENTIAL_READ: (_ALL, _ALL, _TEAMS, _NONE, _ALL),
    Act.CREDENTIAL_PREPARE: (_ALL, _NONE, _TEAMS, _NONE, _NONE),
    Act.CREDENTIAL_ISSUE: (_OWN, _NONE, _OWN, _NONE, _NONE),
    Act.CREDENTIAL_REVOKE: (_ALL, _NONE, _TEAMS, _NONE, _ALL),
    Act.CREDENTIAL_RECOVER: (_NONE, _NONE, _NONE, _NONE, _ALL),
    Act.HANDOVER_LOOK: (_OWN, _NONE, _OWN, _NONE, _NONE),
    Act.HANDOVER_VERIFY: (_OWN, _NONE, _OWN, _NONE, _NONE),
    Act.HANDOVER_TEST: (_OWN, _NONE, _OWN, _NONE, _NONE),
    Act.HANDOVER_BURN: (_OWN, _NONE, _OWN, _NONE, _ALL),
    Act.HANDOVER_LOSE: (_OWN, _NONE, _OWN, _NONE, _NONE),
    Act.HANDOVER_EXPIRE: (_NONE, _NONE, _NONE, _NONE, _ALL),
    Act.IDENTITY_READ: (_ALL, _NONE, _ALL, _NONE, _ALL),
    Act.HISTORY_READ: (_ALL, _ALL, _TEAMS, _NONE, _ALL),
    Act.ACCOUNT_CHECK: (_ALL, _NONE, _NONE, _NONE, _ALL),
    Act.USAGE_READ: (_NONE, _NONE, _NONE, _NONE, _ALL),
}
_COLUMNS = (Role.ADMINISTRATOR, Role.AUDITOR, Role.MEMBER, Role.GUEST, Role.SYSTEM)

THE_TABLE: dict[Act, dict[Role, Reach]] = {act: dict(zip(_COLUMNS, row, strict=True)) for act, row in _ROWS.items()}
