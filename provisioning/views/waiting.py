"""What the page of a hand-over shows, at each stage it can be in."""

from datetime import datetime
from uuid import UUID

from provisioning.domain.lifecycle import Login, Outcome, Seal
from provisioning.domain.permission import Target
from provisioning.domain.roles import Act, Actor
from provisioning.gateway import smtp
from provisioning.models import Claim, Credential, CredentialRequest, Handover, SmtpLogin
from provisioning.models.handover import OPEN_FOR, TEST_MESSAGES
from provisioning.services import requesting, sealing
from provisioning.services.handover import demand_own
from provisioning.services.sealing import Browser
from provisioning.views import console_logins
from provisioning.views.reviews import review_of, review_template

Page = tuple[str, dict[str, object]]


def waiting_page(handover_id: UUID, *, by: Actor, browser: Browser, now: datetime) -> Page:
    """Return the template and context for the hand-over's page, secrets not among them.

    What was reviewed in this browser and not begun yet is shown for review again: its button still works.
    """
    known = CredentialRequest.objects.filter(pk=handover_id).first()
    claim = _begun(known) if known else None
    credential = Credential.objects.with_unresolved().get(pk=claim.credential_id) if claim else None
    if known is not None and credential is not None:
        demand_own(by, Act.HANDOVER_LOOK, Target(credential.team_id, known.person_id))
    request = requesting.own(handover_id, by=by)
    handover = Handover.objects.select_related("credential__account", "key").filter(pk=handover_id).first()
    pages = "provisioning/handovers" if request.renews_id is None else "provisioning/resumptions"
    context: dict[str, object] = {"prepared": request, "credential": credential, "handover": handover, "claim": claim}
    if credential is None and sealing.is_key(browser.handover_key) and not request.is_stale(now):
        return review_template(request), review_of(request)
    if credential is None or claim is None:
        return f"{pages}/not_issued.html", context | {"stale": request.is_stale(now)}
    if handover is None:
        state = credential.shown_state(now)
        under_way = claim.settled_at is None and claim.outcome == Outcome.BEGUN
        return f"{pages}/{'issuing' if under_way else 'not_made'}.html", context | {"state": state}
    if handover.state not in {Seal.OPEN, Seal.SEEN} or now > handover.open_until:
        return f"{pages}/over.html", context | {"state": Seal.of(handover.state)}
    return f"provisioning/handovers/{request.kind}/waiting.html", handover_context(request, handover, now=now)


def _begun(request: CredentialRequest) -> Claim | None:
    """Return the act that began from this review, the last one where it was tried again."""
    if request.renews_id is None:
        return Claim.objects.filter(pk=request.pk).first()
    claims = Claim.objects.filter(credential=request.renews_id, change__after__review=str(request.pk))
    return claims.order_by("began_at").last()


def _just_made(login: SmtpLogin) -> SmtpLogin:
    """Show a key that nobody has tried yet as what it is: propagating, until a try says more."""
    if login.state == Login.UNTRIED:
        login.state = Login.PROPAGATING
    return login


def handover_context(request: CredentialRequest, handover: Handover, *, now: datetime) -> dict[str, object]:
    """Return what the open hand-over shows, secrets not among it."""
    of_its_kind = _proof if handover.key is not None else console_logins.context_of
    return {
        "prepared": request,
        "credential": handover.credential,
        "handover": handover,
        "seconds_left": max(0, int((handover.open_until - now).total_seconds())),
        "seconds_total": int(OPEN_FOR.total_seconds()),
        "steps": ("Describe", "Review", "Hand over"),
        **of_its_kind(handover),
    }


def _proof(handover: Handover) -> dict[str, object]:
    """Return how far the sign-ins of an SMTP credential are proved, and what a test message can be sent as."""
    credential = handover.credential
    logins = [_just_made(login) for login in handover.access_key.logins.all()]
    senders = [entry for entry in credential.from_entries if not entry.startswith("*")]
    return {
        "logins": logins,
        "settled": all(login.state == Login.VERIFIED for login in logins),
        "proved": " ".join(login.state for login in logins),
        "senders": senders,
        "example_sender": "" if senders else credential.from_entries[0].replace("*", "test"),
        "simulator": smtp.SIMULATOR,
        "tests_left": TEST_MESSAGES - handover.tests,
    }
