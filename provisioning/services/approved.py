"""Using an approval: reviewed anew by whoever asked, then issued by the same act as anything else, once it succeeds."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from provisioning import audit
from provisioning.domain import naming
from provisioning.domain.lifecycle import Asking
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import Credential, CredentialRequest
from provisioning.services import asking, requesting, widening


def review(request_id: UUID, *, by: Actor, now: datetime) -> CredentialRequest:
    """Return one's own approved request as a fresh review: its end and its policy are worked out from now on."""
    subject = audit.Subject(f"request {request_id}")
    with audit.refusals_recorded(Act.CREDENTIAL_PREPARE, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.CREDENTIAL_PREPARE)
        request = asking.locked(request_id, by=by)
        _require_own(request, by)
        demand(by, Act.CREDENTIAL_PREPARE, request.target)
        widening.require_second_word(request.team, by=by, now=now)
        _require_usable(request, now)
        requesting.bring_up_to_date(request, now)
        requesting.require_possible(request)
        request.save()
    return request


def require_allowed(request: CredentialRequest, *, now: datetime) -> None:
    """Raise a `Refusal` unless the locked `request` lies within the guardrail or is approved as it is; uses that up.

    Whatever nobody can approve is judged either way.
    """
    if request.shown(now) is Asking.NOT_ASKED:
        requesting.require_within_limits(request)
        return
    _require_usable(request, now)
    requesting.require_possible(request)
    CredentialRequest.objects.filter(pk=request.pk).update(lapses_at=None)


def carry_on(request: CredentialRequest, *, now: datetime) -> dict[str, object]:
    """Let the approval of a request that AWS did not make be used once more, inside the caller's transaction.

    It goes on in a request of its own, because IAM may still know the user name of the first for a while. Twice is
    once. Returns what the history says of it: nothing where nobody had to approve, or the approval's time is over.
    """
    if request.asking != Asking.APPROVED or CredentialRequest.objects.filter(carries_on=request).exists():
        return {}
    lapses_at = (request.decided_at or now) + asking.LAPSES_AFTER
    if lapses_at <= now:
        return {}
    again = CredentialRequest.objects.select_related("team", "account").get(pk=request.pk)
    again.pk, again.carries_on = uuid4(), request
    again.user_name = naming.user_name(again.team.slug, again.application, again.pk)
    again.tags = naming.tags(act_id=again.pk, team_id=again.team_id)
    again.lapses_at = lapses_at
    requesting.bring_up_to_date(again, now)
    again.save(force_insert=True)
    return {"carried_on_by": str(again.pk)}


def granted(credential: Credential) -> CredentialRequest | None:
    """Return the request by whose approval `credential` was issued; None where nobody had to approve it."""
    request = credential.request
    return request if request.asking == Asking.APPROVED else None


def named(request: CredentialRequest) -> dict[str, object]:
    """Return what the history says of who approved what is issued; nothing where nobody had to."""
    if request.decided_by is None:
        return {}
    return {"approved_by": request.decided_by.email, "approved_at": str(request.decided_at), "request": str(request.pk)}


def _require_own(request: CredentialRequest, by: Actor) -> None:
    if request.person_id != by.person_id:
        raise Refusal(
            why=Reason.NOT_PERMITTED,
            title="This is not yours to issue",
            reason=f"Only {request.person.email}, who asked for it, issues it and sees its secret.",
        )


def _require_usable(request: CredentialRequest, now: datetime) -> None:
    asking.require_open(request, Asking.APPROVED, now=now)
    if asking.has_left(request):
        raise Refusal(
            why=Reason.NOT_NOW,
            title="This approval can no longer be used",
            reason=f"{request.person.email} may no longer issue in {request.team.name}.",
            created_note="Nothing was made.",
        )
