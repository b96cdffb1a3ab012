"""What the page of a hand-over shows, at each stage it can be in."""

from datetime import datetime
from uuid import UUID

from guidance.catalogue import Kind
from provisioning.domain.api_policy import ApiOptions
from provisioning.domain.lifecycle import Login, Seal, State
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.attempts import SIMULATOR
from provisioning.models import Credential, CredentialRequest, Handover, SmtpLogin
from provisioning.models.handover import OPEN_FOR, TEST_MESSAGES
from provisioning.services import requesting, sealing
from provisioning.services.handover import demand_own
from provisioning.services.sealing import Browser
from provisioning.views.reviews import review_of
from provisioning.views.secret_words import secret_words

Page = tuple[str, dict[str, object]]


def waiting_page(handover_id: UUID, *, by: Actor, browser: Browser, now: datetime) -> Page:
    """Return the template and context for the hand-over's page, secrets not among them.

    What was reviewed in this browser and not issued yet is shown for review again: its button still works.
    """
    credential = Credential.objects.with_unresolved().filter(request=handover_id).first()
    if credential is not None:
        demand_own(by, Act.HANDOVER_LOOK, credential.target)
    request = requesting.own(handover_id, by=by)
    handover = Handover.objects.select_related("credential", "key").filter(pk=handover_id).first()
    if credential is None and sealing.is_key(browser.handover_key) and not request.is_stale(now):
        return "provisioning/requests/review.html", review_of(request)
    if credential is None:
        return "provisioning/handovers/not_issued.html", {"prepared": request, "stale": request.is_stale(now)}
    if handover is None:
        state = credential.shown_state(now)
        context = {"prepared": request, "credential": credential, "state": state, "claim": credential.claims.last()}
        return f"provisioning/handovers/{'issuing' if state is State.ISSUING else 'not_made'}.html", context
    if handover.state not in {Seal.OPEN, Seal.SEEN} or now > handover.open_until:
        context = {
            "prepared": request,
            "credential": credential,
            "handover": handover,
            "state": Seal.of(handover.state),
            "words": secret_words(request.kind, request.regions),
        }
        return "provisioning/handovers/over.html", context
    return f"provisioning/handovers/{request.kind}/waiting.html", handover_context(request, handover, now=now)


def _just_made(login: SmtpLogin) -> SmtpLogin:
    """Show a key that nobody has tried yet as what it is: propagating, until a try says more."""
    if login.state == Login.UNTRIED:
        login.state = Login.PROPAGATING
    return login


def handover_context(request: CredentialRequest, handover: Handover, *, now: datetime) -> dict[str, object]:
    """Return what the open hand-over shows, secrets not among it."""
    credential = handover.credential
    logins = [_just_made(login) for login in handover.access_key.logins.all()]
    senders = [entry for entry in credential.from_entries if not entry.startswith("*")]
    return {
        "prepared": request,
        "credential": credential,
        "handover": handover,
        "logins": logins,
        "words": secret_words(request.kind, request.regions),
        "sends_alone": request.kind != Kind.API or ApiOptions.of(request.options).sends_alone,
        "settled": all(login.state == Login.VERIFIED for login in logins),
        "proved": " ".join(login.state for login in logins),
        "senders": senders,
        "example_sender": "" if senders else credential.from_entries[0].replace("*", "test"),
        "simulator": SIMULATOR,
        "tests_left": TEST_MESSAGES - handover.tests,
        "seconds_left": max(0, int((handover.open_until - now).total_seconds())),
        "seconds_total": int(OPEN_FOR.total_seconds()),
        "steps": ("Describe", "Review", "Hand over"),
    }
