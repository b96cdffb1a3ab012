"""What the page of a hand-over shows, at each stage it can be in."""

from datetime import datetime
from uuid import UUID

from guidance.catalogue import Kind
from provisioning.domain.api_policy import ApiOptions
from provisioning.domain.lifecycle import Login, Outcome, State
from provisioning.domain.permission import Target
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.attempts import SIMULATOR
from provisioning.models import Claim, Credential, CredentialRequest, Handover, SmtpLogin
from provisioning.models.handover import OPEN_FOR, TEST_MESSAGES
from provisioning.services import requesting, sealing
from provisioning.services.handover import demand_own, opens_in
from provisioning.services.sealing import Browser
from provisioning.views import console_logins
from provisioning.views.reviews import review_page
from provisioning.views.secret_words import secret_words, verified_as

Page = tuple[str, dict[str, object]]


def waiting_page(handover_id: UUID, *, by: Actor, browser: Browser, now: datetime) -> Page:
    """Return the template and context for the hand-over's page, secrets not among them.

    What was reviewed in this browser and not begun yet is shown for review again: its button still works.
    """
    # The id of a review is that of the claim, too, whatever its button does.
    claim = Claim.objects.filter(pk=handover_id).first()
    if claim is not None:
        credential = Credential.objects.with_unresolved().get(pk=claim.credential_id)
        demand_own(by, Act.HANDOVER_LOOK, Target(credential.team_id, claim.person_id))
    request = requesting.own(handover_id, by=by)
    if claim is None:
        return _before(request, browser=browser, now=now)
    handover = Handover.objects.select_related("credential__account", "key").filter(pk=handover_id).first()
    if handover is None:
        return _not_made(request, credential, claim, now=now)
    if not handover.is_open(now):
        context: dict[str, object] = {"prepared": request, "credential": credential, "handover": handover}
        context["words"] = secret_words(request.kind, request.regions)
        return f"provisioning/{_folder(request)}/over.html", context
    if not opens_in(browser, handover):
        return "provisioning/handovers/elsewhere.html", _open_for(request, handover, now=now)
    return f"provisioning/handovers/{request.kind}/waiting.html", handover_context(request, handover, now=now)


def _folder(request: CredentialRequest) -> str:
    if request.renews_id is None:
        return "handovers"
    return "resumptions" if request.kind == Kind.CONSOLE else "rotations"


def _before(request: CredentialRequest, *, browser: Browser, now: datetime) -> Page:
    """Return the page of a review whose button nobody has pressed."""
    stale = request.is_stale(now)
    if stale or not sealing.is_key(browser.handover_key):
        context = {"prepared": request, "stale": stale, "credential": request.renews}
        return f"provisioning/{_folder(request)}/not_issued.html", context
    return review_page(request)


def _not_made(request: CredentialRequest, credential: Credential, claim: Claim, *, now: datetime) -> Page:
    """Return the page of an act that is under way, or has come to nothing."""
    issuing = credential.shown_state(now)
    state = issuing if request.renews_id is None else claim.shown
    context: dict[str, object] = {"prepared": request, "credential": credential, "state": state, "claim": claim}
    under_way = state in {State.ISSUING, Outcome.BEGUN}
    return f"provisioning/{_folder(request)}/{'issuing' if under_way else 'not_made'}.html", context


def _just_made(login: SmtpLogin) -> SmtpLogin:
    """Show a key that nobody has tried yet as what it is: propagating, until a try says more."""
    if login.state == Login.UNTRIED:
        login.state = Login.PROPAGATING
    return login


def handover_context(request: CredentialRequest, handover: Handover, *, now: datetime) -> dict[str, object]:
    """Return what the open hand-over shows, secrets not among it."""
    of_its_kind = _proof if handover.key is not None else console_logins.context_of
    return _open_for(request, handover, now=now) | of_its_kind(handover)


def _open_for(request: CredentialRequest, handover: Handover, *, now: datetime) -> dict[str, object]:
    """Return what is said of an open hand-over in every browser."""
    return {
        "prepared": request,
        "credential": handover.credential,
        "handover": handover,
        "seconds_left": max(0, int((handover.open_until - now).total_seconds())),
        "seconds_total": int(OPEN_FOR.total_seconds()),
        "words": secret_words(request.kind, request.regions),
        "steps": ("Describe", "Review", "Hand over"),
    }


def _proof(handover: Handover) -> dict[str, object]:
    """Return how far the sign-ins with a key are proved, and what a test message can be sent as."""
    credential = handover.credential
    logins = [_just_made(login) for login in handover.access_key.logins.all()]
    senders = [entry for entry in credential.from_entries if not entry.startswith("*")]
    return {
        "logins": logins,
        "verified_as": verified_as(credential.kind),
        "sends_alone": credential.kind != Kind.API or ApiOptions.of(credential.options).sends_alone,
        "settled": all(login.state == Login.VERIFIED for login in logins),
        "proved": " ".join(login.state for login in logins),
        "senders": senders,
        "example_sender": "" if senders else credential.from_entries[0].replace("*", "test"),
        "simulator": SIMULATOR,
        "tests_left": TEST_MESSAGES - handover.tests,
    }
