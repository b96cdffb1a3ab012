"""Proving a credential: does its sign-in work, and does a message go through? Asked of AWS, the way it signs in."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from guidance.catalogue import Kind
from provisioning import audit
from provisioning.domain.api_policy import ApiOptions
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import Login, Outcome
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.attempts import SIMULATOR, Answer, Attempt
from provisioning.models import Handover, SmtpLogin
from provisioning.models.handover import TEST_MESSAGES
from provisioning.services import handover as handovers
from provisioning.services.clock import Clock, real_time
from provisioning.services.handover import Opened
from provisioning.services.handover_refusals import recorded
from provisioning.services.proofs import Proof, proof_of
from provisioning.services.sealing import Browser

# A new key takes 5 to 15 s to be known everywhere. Past this it does not work, whatever the reason.
STUCK_AFTER = timedelta(seconds=60)
# A page asks again every few seconds; tabs that ask at once share one try.
SPACING = timedelta(seconds=1)
_AT_ONCE = 8


def verify(handover_id: UUID, *, by: Actor, browser: Browser, clock: Clock = real_time) -> None:
    """Try the sign-in of every region that is not verified yet, once, and keep what came of it."""
    opened, due = _open(handover_id, Act.HANDOVER_VERIFY, by=by, browser=browser, now=clock())
    if not due:
        return
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        attempts = list(pool.map(lambda login: _proof(opened).sign_in(opened, login.region), due))
    for login, attempt in zip(due, attempts, strict=True):
        _keep(login, attempt, opened.handover, by=by, now=clock())


def send_test(
    handover_id: UUID, *, region: str, sender: str, by: Actor, browser: Browser, clock: Clock = real_time
) -> Attempt:
    """Send the fixed test message to the mailbox simulator from an address that the credential may use."""
    with recorded(Act.HANDOVER_TEST, handover_id, by=by, now=clock()):
        with transaction.atomic():
            opened = handovers.open_seal(handover_id, Act.HANDOVER_TEST, by=by, browser=browser, now=clock())
            _require_provable(opened)
            _require_sender(opened.handover, sender, region)
            _count(opened.handover)
            detail = {"region": region, "from": sender, "to": SIMULATOR}
            audit.record(Act.HANDOVER_TEST, Outcome.BEGUN, _subject(opened), by=by, at=clock(), detail=detail)
        attempt = _proof(opened).send(opened, region, sender)
        _keep_test(opened, attempt, detail, by=by, now=clock())
    return attempt


def _open(handover_id: UUID, act: Act, *, by: Actor, browser: Browser, now: datetime) -> tuple[Opened, list[SmtpLogin]]:
    """Open the seal and take the regions that are due to be tried, marking them as being tried."""
    with recorded(act, handover_id, by=by, now=now), transaction.atomic():
        opened = handovers.open_seal(handover_id, act, by=by, browser=browser, now=now)
        _require_provable(opened)
        waiting = opened.handover.access_key.logins.exclude(state=Login.VERIFIED).exclude(tried_at__gt=now - SPACING)
        due = list(waiting)
        waiting.update(tried_at=now)
        if due:  # a page asks again and again, and only what changes is an event
            audit.require_writable(act, _subject(opened), by=by, at=now)
    return opened, due


def _require_provable(opened: Opened) -> None:
    if opened.handover.key is None:
        raise Refusal(
            why=Reason.NOT_NOW,
            title="A console login cannot be proved from here",
            reason="Signing in would use up the password, which its owner should change. They see whether it works.",
            created_note="Nothing was tried.",
        )


def _subject(opened: Opened) -> audit.Subject:
    credential = opened.handover.credential
    return audit.Subject(credential.application, credential, credential.team)


def _proof(opened: Opened) -> Proof:
    return proof_of(Kind(opened.handover.credential.kind))


_OUTCOMES: Mapping[Login, Outcome] = {
    Login.VERIFIED: Outcome.DONE,
    Login.STUCK: Outcome.FAILED,
    Login.UNREACHABLE: Outcome.UNKNOWN,
}


def judge(attempt: Attempt, age: timedelta) -> Login:
    """Return what one try says of a sign-in whose key is `age` old."""
    if attempt.answer is Answer.ACCEPTED:
        return Login.VERIFIED
    if attempt.answer is Answer.UNREACHABLE:
        return Login.UNREACHABLE
    return Login.STUCK if age >= STUCK_AFTER else Login.PROPAGATING


def _keep(login: SmtpLogin, attempt: Attempt, handover: Handover, *, by: Actor, now: datetime) -> None:
    """Keep the outcome; the history gets it when it changes what is known."""
    age = now - handover.made_at
    state = judge(attempt, age)
    with transaction.atomic():
        rows = SmtpLogin.objects.filter(pk=login.pk).exclude(state=Login.VERIFIED)
        kept = rows.update(
            state=state,
            tries=F("tries") + 1,
            tried_at=now,
            reply_code=attempt.code,
            reply=_reply(attempt),
            usable_after_seconds=age.total_seconds() if state is Login.VERIFIED else None,
        )
        if kept and state != login.state and state in _OUTCOMES:
            credential = handover.credential
            audit.record(
                Act.HANDOVER_VERIFY,
                _OUTCOMES[state],
                audit.Subject(credential.application, credential, credential.team),
                by=by,
                at=now,
                detail={"region": login.region, "state": state, "seconds": age.total_seconds(), **_answered(attempt)},
            )


def _reply(attempt: Attempt) -> str:
    """Return what was answered; of AWS its code too, and the request by which it can be found."""
    if not attempt.aws_request_id or attempt.answer is Answer.ACCEPTED:
        return attempt.words
    return f"{attempt.aws_code}: {attempt.words} Request {attempt.aws_request_id}."


def _answered(attempt: Attempt) -> dict[str, object]:
    told = {"code": attempt.aws_code, "aws_request": attempt.aws_request_id}
    return {"reply": attempt.code, **{name: value for name, value in told.items() if value}}


def _require_sender(handover: Handover, sender: str, region: str) -> None:
    credential = handover.credential
    allowed = credential.from_entries
    trouble = ""
    if region not in credential.regions:
        trouble = "This credential was not made for that region."
    elif credential.kind == Kind.API and not ApiOptions.of(credential.options).sends_alone:
        trouble = "This key sends templates alone, and no template of yours is known here. Try it from your software."
    else:
        try:
            entry = FromEntry.parse(sender)
        except ValueError as error:
            trouble = str(error)
        else:
            if entry.is_pattern or not any(FromEntry.parse(limit).contains(entry) for limit in allowed):
                trouble = f"{sender} is not an address this credential may send as: {', '.join(allowed)}."
    if trouble:
        raise Refusal(
            why=Reason.OUTSIDE_GUARDRAIL,
            title="Not from this address",
            reason=trouble,
            breaches=(Breach("sender", trouble),),
            created_note="Nothing was sent.",
        )


def _count(handover: Handover) -> None:
    few = Handover.objects.filter(pk=handover.pk, tests__lt=TEST_MESSAGES)
    if not few.update(tests=F("tests") + 1):
        raise Refusal(
            why=Reason.TOO_MANY,
            title=f"{TEST_MESSAGES} test messages are enough",
            reason="Each hand-over may send that many. Your software can send now.",
            created_note="Nothing was sent.",
        )


def _keep_test(opened: Opened, attempt: Attempt, begun: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    accepted, handover = attempt.answer is Answer.ACCEPTED, opened.handover
    outcome, detail = Outcome.DONE if accepted else Outcome.FAILED, {**begun, **_answered(attempt)}
    try:
        with transaction.atomic():
            Handover.objects.filter(pk=handover.pk).update(conversation="\n".join(attempt.conversation))
            if accepted:
                logins = SmtpLogin.objects.filter(key=handover.access_key, region=begun["region"])
                logins.update(sending_proved_at=now)
            audit.record(Act.HANDOVER_TEST, outcome, _subject(opened), by=by, at=now, detail=detail)
    except Refusal as refusal:  # the history cannot be written any more
        refusal.created_note = "The message was sent. The history has that it was begun, not what came of it."
        raise
