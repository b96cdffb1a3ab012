"""What happened, told in sentences: who did what to which credential. The exact word of the act stays beside it."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from provisioning.domain.lifecycle import Outcome
from provisioning.domain.roles import Act, Role
from provisioning.models import AuditEvent

# Done, to do, and the word before what it was done to.
_WORDS: dict[Act, tuple[str, str, str]] = {
    Act.CREDENTIAL_READ: ("read", "read", ""),
    Act.CREDENTIAL_PREPARE: ("described", "describe", ""),
    Act.CREDENTIAL_ISSUE: ("issued", "issue", ""),
    Act.CREDENTIAL_REVOKE: ("revoked", "revoke", ""),
    Act.CREDENTIAL_RECOVER: ("settled what was left open", "settle what was left open", "of"),
    Act.HANDOVER_LOOK: ("looked at the secret", "look at the secret", "of"),
    Act.HANDOVER_VERIFY: ("verified the sign-in", "verify the sign-in", "of"),
    Act.HANDOVER_TEST: ("sent a test message", "send a test message", "with"),
    Act.HANDOVER_BURN: ("stored the secret", "confirm that the secret is stored", "of"),
    Act.HANDOVER_LOSE: ("lost the secret", "say that the secret is lost", "of"),
    Act.HANDOVER_EXPIRE: ("wiped the secret", "wipe the secret", "of"),
    Act.IDENTITY_READ: ("read the verified identities", "read the verified identities", "of"),
    Act.HISTORY_READ: ("read the history", "read the history", "of"),
    Act.ACCOUNT_CHECK: ("checked the set-up", "check the set-up", "of"),
    Act.USAGE_READ: ("read the last use", "read the last use", "of"),
    Act.CREDENTIAL_SUSPEND: ("suspended", "suspend", ""),
    Act.CREDENTIAL_RESUME: ("resumed", "resume", ""),
    Act.CREDENTIAL_READDRESS: ("changed the From addresses", "change the From addresses", "of"),
    Act.CREDENTIAL_TRANSFER: ("transferred", "transfer", ""),
    Act.CREDENTIAL_NOTE: ("noted where it is used", "note where it is used", "of"),
    Act.PERSON_READ: ("read", "read", ""),
    Act.PERSON_INVITE: ("invited", "invite", ""),
    Act.PERSON_JOIN: ("joined", "join", "with"),
    Act.INVITATION_WITHDRAW: ("withdrew the invitation", "withdraw the invitation", "of"),
    Act.PERSON_CHANGE: ("changed the role", "change the role", "of"),
    Act.PERSON_DEACTIVATE: ("deactivated", "deactivate", ""),
    Act.PERSON_REACTIVATE: ("reactivated", "reactivate", ""),
    Act.PASSWORD_CHANGE: ("changed the password", "change the password", "of"),
    Act.PASSWORD_RESET: ("reset the password", "reset the password", "of"),
    Act.SESSION_END: ("ended a session", "end a session", "of"),
    Act.TEAM_READ: ("read", "read", ""),
    Act.TEAM_FORM: ("formed the team", "form the team", ""),
    Act.TEAM_RENAME: ("renamed the team", "rename the team", ""),
    Act.MEMBERSHIP_ADD: ("added", "add", ""),
    Act.MEMBERSHIP_REMOVE: ("removed", "remove", ""),
    Act.GUARDRAIL_CHANGE: ("changed the guardrail", "change the guardrail", "of"),
    Act.GUARDRAIL_CONFIRM: ("agreed to the wider guardrail", "agree to the wider guardrail", "of"),
    Act.CREDENTIAL_ROTATE: ("made a second key", "make a second key", "for"),
    Act.CREDENTIAL_SWITCH: ("switched over to the new key", "switch over to the new key", "of"),
    Act.CREDENTIAL_RETIRE: ("retired a key", "retire a key", "of"),
    Act.CREDENTIAL_REACTIVATE: ("reactivated a retired key", "reactivate a retired key", "of"),
    Act.CREDENTIAL_EXTEND: ("extended", "extend", ""),
    Act.CREDENTIAL_EXPIRE: ("ended what had expired", "end what had expired", "of"),
    Act.CREDENTIAL_REMIND: ("reminded the owner", "remind the owner", "of"),
    Act.KEY_DELETE: ("deleted a key", "delete a key", "of"),
    Act.REQUEST_READ: ("read", "read", ""),
    Act.REQUEST_ASK: ("asked for approval", "ask for approval", "of"),
    Act.REQUEST_APPROVE: ("approved the request", "approve the request", "for"),
    Act.REQUEST_DECLINE: ("declined the request", "decline the request", "for"),
    Act.REQUEST_WITHDRAW: ("withdrew the request", "withdraw the request", "for"),
    Act.REQUEST_LAPSE: ("let the request lapse", "let the request lapse", "for"),
    Act.ACCOUNT_ADD: ("added", "add", ""),
    Act.ACCOUNT_CHANGE: ("changed", "change", ""),
    Act.ACCOUNT_RETIRE: ("retired", "retire", ""),
    Act.NOTICE_READ: ("read the notices", "read the notices", ""),
    Act.NOTICE_TEST: ("sent a test notice", "send a test notice", "to"),
    Act.STOP_BEGIN: ("stopped", "stop", ""),
    Act.STOP_UNDO: ("undid the stop", "undo the stop", "of"),
    Act.ACCOUNT_READ: ("read the set-up", "read the set-up", "of"),
    Act.SWEEP_READ: ("read the sweeps", "read the sweeps", "of"),
    Act.NOTICE_DELIVER: ("sent a notice", "send a notice", "to"),
}
_ROLES: dict[object, str] = {
    "administrator": "administrator",
    "auditor": "auditor",
    "none": "no role beside the teams",
}
_FAILED: dict[str, str] = {Act.ACCOUNT_CHECK: "found something to mend in the set-up"}
# What the addresses of this site are about: a refusal at the door knows no more of its thing than that.
_PLACES = {
    "credentials": "credential",
    "requests": "request",
    "handovers": "hand-over",
    "teams": "team",
    "stops": "stop",
    "people": "person",
    "aws-accounts": "AWS account",
}
_AT = re.compile(r"/(?P<place>[a-z-]+)/(?:(?P<which>[^/]+)/)?")
# What refusals were about until they named the application alone.
_WISHED = re.compile(r"^(?:transfer|end|From addresses|second key) of |, to be (?:approved|issued)$")
_A_STOP = re.compile(r"(?:/stops/|stop )[0-9a-f-]{36}(?:/.*)?")
# How what is worded here begins; what people and services wrote may begin with a name, which stays as it is.
_OUR_WORDS = re.compile(r"(?:in|as|from|nobody|its|team|teams|and|approved|invited|no|once) ")
_OF_KEYS = {Act.CREDENTIAL_RETIRE, Act.CREDENTIAL_REACTIVATE, Act.KEY_DELETE}
_FILES = {"csv": "as a CSV file", "env": "as a .env file"}


@dataclass(frozen=True)
class Told:
    """One event in words: `words` with or without `joiner` and the subject behind, and what else there is to say.

    `who` did it, or tried to: where the dashboard only counted, whom it counted.
    """

    event: AuditEvent
    who: str
    words: str
    joiner: str
    subject: str
    detail: str

    @property
    def sentence(self) -> str:
        """What else there is to say, as a sentence of its own."""
        return self.detail[:1].upper() + self.detail[1:] if _OUR_WORDS.match(self.detail) else self.detail

    @property
    def is_ours(self) -> bool:
        """Whether a sweep of the dashboard did it, no person."""
        return self.event.actor_role == Role.SYSTEM and self.who == self.event.actor_name


def acts_by_noun() -> list[tuple[str, list[tuple[Act, str]]]]:
    """Return every act under the noun that it is about, both in words and in their order."""
    named = sorted((_noun(act), to_do[:1].upper() + to_do[1:], act) for act, (_, to_do, _) in _WORDS.items())
    return [(noun, [(act, words) for _, words, act in group]) for noun, group in groupby(named, itemgetter(0))]


def _noun(act: Act) -> str:
    return {"account": "AWS account"}.get(noun := act.partition(":")[0], noun.capitalize())


def tell(events: Iterable[AuditEvent]) -> list[Told]:
    """Tell every event."""
    return [_told(event) for event in events]


def story(events: Iterable[AuditEvent]) -> list[Told]:
    """Tell what came of each act; that it had begun is left out once its end is told."""
    # What was recorded at two teams, a transfer, is one thing that happened.
    found = list({_occasion(event): event for event in events}.values())
    ended = {(event.act, event.request_id) for event in found if event.outcome != Outcome.BEGUN}
    return tell(
        event for event in found if event.outcome != Outcome.BEGUN or (event.act, event.request_id) not in ended
    )


def _occasion(event: AuditEvent) -> tuple[object, ...]:
    return (event.outcome, event.at) if event.act == Act.CREDENTIAL_TRANSFER else (event.pk,)


def _told(event: AuditEvent) -> Told:
    done, to_do, joiner = _WORDS[Act(event.act)]
    detail = json.loads(event.text)["detail"]
    words = {
        Outcome.BEGUN: f"began to {to_do}",
        Outcome.DONE: done,
        Outcome.FAILED: _FAILED.get(event.act, f"could not {to_do}"),
        Outcome.REFUSED: f"was not allowed to {to_do}",
        Outcome.UNKNOWN: f"asked AWS to {to_do}",
    }[Outcome.of(event.outcome)]
    subject, joiner = _thing(event.subject, to_do, joiner)
    if event.act == Act.PERSON_JOIN and subject == event.actor_name:
        subject, joiner = "", ""
    said = "no answer yet" if event.outcome == Outcome.UNKNOWN else "AWS said"
    return Told(
        event,
        who(event),
        words,
        joiner,
        subject,
        ", ".join(filter(None, (_change(event.act, detail), _detail(detail, said)))),
    )


def who(event: AuditEvent) -> str:
    """Return who did it, or tried to: a count of repeated refusals names whom they met."""
    if event.outcome != Outcome.REFUSED or event.actor_role != Role.SYSTEM:
        return event.actor_name
    return str(json.loads(event.text)["detail"].get("person", event.actor_name))


def _thing(subject: str, to_do: str, joiner: str) -> tuple[str, str]:
    """Return what an event is about, in words also where it has only an address, and the word before that."""
    if _A_STOP.fullmatch(subject):  # its id tells nobody anything
        return {"stop": "what a stop holds", "undo the stop": ""}.get(to_do, "a stop"), ""
    if not subject.startswith("/"):
        name = _WISHED.sub("", subject)
        noun, _, which = name.partition(" ")
        return (which, "") if noun == "request" and to_do.endswith("request") else (name, joiner)
    found = _AT.match(subject)
    noun = _PLACES.get(found["place"], "") if found else ""
    if not found or not noun:
        return "", ""
    which = found["which"] or ""
    if noun in to_do:
        return ("" if which == "new" else which), ""
    if which in {"", "new"}:
        return (f"a new {noun}" if which else f"the {noun}s".replace("persons", "people")), joiner
    return f"{noun} {which}", joiner


def _change(act: str, detail: dict[str, object]) -> str:
    """Return from what to what a credential was changed, where that is short enough to read in passing."""
    before, after = detail.get("before"), detail.get("after")
    if act == Act.CREDENTIAL_TRANSFER and isinstance(before, dict) and isinstance(after, dict):
        return f"from {before['team']} to {after['team']}"
    if act == Act.CREDENTIAL_READDRESS and isinstance(before, dict) and isinstance(after, dict):
        return f"from {_few(before['from'])} to {_few(after['from'])}"
    if act in _OF_KEYS and isinstance(after, dict):
        return ", ".join(filter(None, (str(after["key"]), str(after.get("reason", "")))))
    if act == Act.CREDENTIAL_EXTEND and isinstance(before, dict) and isinstance(after, dict):
        return f"from {_day(before['expires'])} to {_day(after['expires'])}"
    if act in {Act.STOP_BEGIN, Act.STOP_UNDO}:
        return str(detail.get("why", ""))
    return ""


def _day(moment: str | None) -> str:
    """Return the day of a moment as the history keeps it."""
    return f"{datetime.fromisoformat(moment):%-d %b %Y}" if moment else "no end"


def _few(entries: list[str]) -> str:
    more = f" and {len(entries) - 2} more" if len(entries) > 2 else ""
    return " and ".join(entries[:2]) + more if not more else ", ".join(entries[:2]) + more


def _standing(detail: dict[str, object]) -> str:
    """Return what somebody was and is, or is invited as."""
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, dict) and isinstance(after, dict) and before.get("standing") != after.get("standing"):
        return f"from {_ROLES[before['standing']]} to {_ROLES[after['standing']]}"
    return f"as {_ROLES[detail['standing']]}" if detail.get("standing") in {"administrator", "auditor"} else ""


def _detail(detail: dict[str, object], said: str) -> str:
    """Return the pieces of an event's detail that a reader asks for first."""
    pieces = [
        f"in {detail['region']}" if "region" in detail else "",
        f"as {detail['from']}" if isinstance(detail.get("from"), str) else "",
        _FILES.get(str(detail.get("how")), ""),
        _standing(detail),
        f"invited by {detail['invited_by']}" if detail.get("invited_by") else "",
        "nobody had looked" if detail.get("unseen") or detail.get("ends_as") == "unclaimed" else "",
        "its time was over" if detail.get("ends_as") == "expired" else "",
        f"team {detail['team']}" if "team" in detail else "",
        _teams(detail),
        _changed(detail),
        _foreign(detail),
        f"approved by {detail['approved_by']}" if detail.get("approved_by") else "",
        str(detail.get("reason", "")),
        f"{said} ({detail['code']})" if detail.get("code") else "",
        _repeated(detail),
    ]
    return ", ".join(filter(None, pieces))


def _teams(detail: dict[str, object]) -> str:
    """Return the teams of who is invited, or joins."""
    teams = detail.get("teams")
    return f"team{'s' if len(teams) > 1 else ''} {_few(teams)}" if isinstance(teams, list) and teams else ""


def _repeated(detail: dict[str, object]) -> str:
    times = detail.get("repeats")
    return "" if not times else "once more" if times == 1 else f"{times} more times"


def _foreign(detail: dict[str, object]) -> str:
    """Return what went with an IAM user though nobody here had made it."""
    found = detail.get("foreign")
    return f"and with it {', '.join(map(str, found))}" if isinstance(found, list) else ""


def _changed(detail: dict[str, object]) -> str:
    """Return what was before and is now, where the event says it limit by limit or as a name."""
    if isinstance(changed := detail.get("changed"), list):
        return "; ".join(map(str, changed))
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, dict) and isinstance(after, dict) and "name" in before:
        return f"{before['name']} before, {after['name']} now"
    return ""
