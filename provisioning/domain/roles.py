"""Who may do what: the roles, the acts, and THE TABLE. Each act demands its row; no door decides by itself."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

FRESH_FOR = timedelta(minutes=10)  # how long a sign-in counts as fresh


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
    CREDENTIAL_SUSPEND = "credential:suspend"
    CREDENTIAL_RESUME = "credential:resume"
    CREDENTIAL_READDRESS = "credential:readdress"
    CREDENTIAL_TRANSFER = "credential:transfer"
    CREDENTIAL_NOTE = "credential:note"
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
    PERSON_READ = "person:read"
    PERSON_INVITE = "person:invite"
    PERSON_JOIN = "person:join"
    INVITATION_WITHDRAW = "invitation:withdraw"
    PERSON_CHANGE = "person:change"
    PERSON_DEACTIVATE = "person:deactivate"
    PERSON_REACTIVATE = "person:reactivate"
    PASSWORD_CHANGE = "password:change"  # noqa: S105 - an act
    PASSWORD_RESET = "password:reset"  # noqa: S105 - an act
    SESSION_END = "session:end"
    TEAM_READ = "team:read"
    TEAM_FORM = "team:form"
    TEAM_RENAME = "team:rename"
    MEMBERSHIP_ADD = "membership:add"
    MEMBERSHIP_REMOVE = "membership:remove"
    GUARDRAIL_CHANGE = "guardrail:change"
    GUARDRAIL_CONFIRM = "guardrail:confirm"
    STOP_BEGIN = "stop:begin"
    STOP_UNDO = "stop:undo"
    ACCOUNT_READ = "account:read"
    SWEEP_READ = "sweep:read"
    NOTICE_DELIVER = "notice:deliver"
    NOTICE_READ = "notice:read"
    NOTICE_TEST = "notice:test"
    CREDENTIAL_ROTATE = "credential:rotate"
    CREDENTIAL_SWITCH = "credential:switch"
    CREDENTIAL_RETIRE = "credential:retire"
    CREDENTIAL_REACTIVATE = "credential:reactivate"
    CREDENTIAL_EXTEND = "credential:extend"
    CREDENTIAL_EXPIRE = "credential:expire"
    CREDENTIAL_REMIND = "credential:remind"
    KEY_DELETE = "key:delete"
    REQUEST_READ = "request:read"
    REQUEST_ASK = "request:ask"
    REQUEST_APPROVE = "request:approve"
    REQUEST_DECLINE = "request:decline"
    REQUEST_WITHDRAW = "request:withdraw"
    REQUEST_LAPSE = "request:lapse"
    ACCOUNT_ADD = "account:add"
    ACCOUNT_CHANGE = "account:change"
    ACCOUNT_RETIRE = "account:retire"


# Whoever does these has given their password lately: a browser that was left open is not enough.
NEEDS_FRESH_SIGN_IN = frozenset(
    {
        Act.CREDENTIAL_ISSUE,
        Act.CREDENTIAL_REVOKE,
        Act.CREDENTIAL_RESUME,
        Act.CREDENTIAL_READDRESS,
        Act.CREDENTIAL_TRANSFER,
        Act.HANDOVER_LOOK,
        Act.HANDOVER_LOSE,
        Act.PERSON_INVITE,
        Act.PERSON_CHANGE,
        Act.PERSON_DEACTIVATE,
        Act.PERSON_REACTIVATE,
        Act.TEAM_FORM,
        Act.MEMBERSHIP_ADD,
        Act.MEMBERSHIP_REMOVE,
        Act.GUARDRAIL_CHANGE,
        Act.GUARDRAIL_CONFIRM,
        Act.STOP_BEGIN,
        Act.STOP_UNDO,
        Act.CREDENTIAL_ROTATE,
        Act.CREDENTIAL_RETIRE,
        Act.CREDENTIAL_REACTIVATE,
        Act.CREDENTIAL_EXTEND,
        Act.REQUEST_APPROVE,
        Act.ACCOUNT_ADD,
        Act.ACCOUNT_CHANGE,
        Act.ACCOUNT_RETIRE,
    }
)


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
    is_fresh: bool = False  # whether they signed in, or gave their password again, within FRESH_FOR


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
    Act.CREDENTIAL_SUSPEND: (_ALL, _NONE, _TEAMS, _NONE, _ALL),
    Act.CREDENTIAL_RESUME: (_ALL, _NONE, _TEAMS, _NONE, _ALL),
    Act.CREDENTIAL_READDRESS: (_ALL, _NONE, _TEAMS, _NONE, _NONE),
    Act.CREDENTIAL_TRANSFER: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.CREDENTIAL_NOTE: (_ALL, _NONE, _TEAMS, _NONE, _NONE),
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
    Act.PERSON_READ: (_ALL, _ALL, _NONE, _NONE, _NONE),
    Act.PERSON_INVITE: (_ALL, _NONE, _NONE, _NONE, _ALL),
    Act.PERSON_JOIN: (_NONE, _NONE, _NONE, _ALL, _NONE),
    Act.INVITATION_WITHDRAW: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.PERSON_CHANGE: (_ALL, _NONE, _NONE, _NONE, _ALL),
    Act.PERSON_DEACTIVATE: (_ALL, _NONE, _NONE, _NONE, _ALL),
    Act.PERSON_REACTIVATE: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.PASSWORD_CHANGE: (_ALL, _ALL, _ALL, _ALL, _NONE),
    Act.PASSWORD_RESET: (_ALL, _ALL, _ALL, _ALL, _ALL),
    Act.SESSION_END: (_ALL, _ALL, _ALL, _ALL, _NONE),
    Act.TEAM_READ: (_ALL, _ALL, _TEAMS, _NONE, _NONE),
    Act.TEAM_FORM: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.TEAM_RENAME: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.MEMBERSHIP_ADD: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.MEMBERSHIP_REMOVE: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.GUARDRAIL_CHANGE: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.GUARDRAIL_CONFIRM: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.STOP_BEGIN: (_ALL, _NONE, _TEAMS, _NONE, _NONE),
    Act.STOP_UNDO: (_ALL, _NONE, _TEAMS, _NONE, _ALL),
    Act.ACCOUNT_READ: (_ALL, _ALL, _NONE, _NONE, _NONE),
    Act.SWEEP_READ: (_ALL, _ALL, _NONE, _NONE, _ALL),
    Act.NOTICE_DELIVER: (_NONE, _NONE, _NONE, _NONE, _ALL),
    Act.NOTICE_READ: (_ALL, _ALL, _NONE, _NONE, _NONE),
    Act.NOTICE_TEST: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.CREDENTIAL_ROTATE: (_ALL, _NONE, _TEAMS, _NONE, _NONE),
    Act.CREDENTIAL_SWITCH: (_ALL, _NONE, _TEAMS, _NONE, _NONE),
    Act.CREDENTIAL_RETIRE: (_ALL, _NONE, _TEAMS, _NONE, _NONE),
    Act.CREDENTIAL_REACTIVATE: (_ALL, _NONE, _TEAMS, _NONE, _NONE),
    Act.CREDENTIAL_EXTEND: (_ALL, _NONE, _TEAMS, _NONE, _NONE),
    Act.CREDENTIAL_EXPIRE: (_NONE, _NONE, _NONE, _NONE, _ALL),
    Act.CREDENTIAL_REMIND: (_NONE, _NONE, _NONE, _NONE, _ALL),
    Act.KEY_DELETE: (_NONE, _NONE, _NONE, _NONE, _ALL),
    Act.REQUEST_READ: (_ALL, _ALL, _TEAMS, _NONE, _NONE),
    Act.REQUEST_ASK: (_ALL, _NONE, _TEAMS, _NONE, _NONE),
    Act.REQUEST_APPROVE: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.REQUEST_DECLINE: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.REQUEST_WITHDRAW: (_OWN, _NONE, _OWN, _NONE, _NONE),
    Act.REQUEST_LAPSE: (_NONE, _NONE, _NONE, _NONE, _ALL),
    Act.ACCOUNT_ADD: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.ACCOUNT_CHANGE: (_ALL, _NONE, _NONE, _NONE, _NONE),
    Act.ACCOUNT_RETIRE: (_ALL, _NONE, _NONE, _NONE, _NONE),
}
_COLUMNS = (Role.ADMINISTRATOR, Role.AUDITOR, Role.MEMBER, Role.GUEST, Role.SYSTEM)

THE_TABLE: dict[Act, dict[Role, Reach]] = {act: dict(zip(_COLUMNS, row, strict=True)) for act, row in _ROWS.items()}
