"""Joining by the link of an invitation. The link leads on at once, so that its token stands in no page or log."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from provisioning.domain.refusals import NextStep, Reason, Refusal
from provisioning.forms.people import JoinForm
from provisioning.models import Person
from provisioning.services import joining
from provisioning.services.invitations import digest
from provisioning.views.asker import never_kept
from provisioning.views.ways import ways_on

_OPENED = "opened_invitation"  # in the session: the digest of the token, which opens nothing


@login_not_required
@sensitive_variables()
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Note which invitation was opened, and go on to its page. Nothing is used up by looking."""
    if request.method == "GET":
        request.session[_OPENED] = digest(token)
    return never_kept(redirect("join"))


@login_not_required
@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Ask for a password; then make the person and sign them in."""
    opened = str(request.session.get(_OPENED, ""))
    with ways_on(*_ways()):
        _require_patience(request)
        invitation = joining.opened(opened, now=timezone.now())
        _require_nobody_else(request, invitation.email)
        form = JoinForm(request.POST if request.method == "POST" else None, email=invitation.email)
        if not form.is_valid():
            context = {"invitation": invitation, "teams": invitation.teams.all(), "form": form}
            status = 422 if form.is_bound else 200
            return never_kept(render(request, "provisioning/people/join.html", context, status=status))
        person = joining.join(opened, form.cleaned_data["password"], now=timezone.now())
    return _signed_in(request, person)


def _signed_in(request: HttpRequest, person: Person) -> HttpResponse:
    del request.session[_OPENED]
    record_authentication(request, person, method="password", email=person.email)
    perform_login(request, person, email=person.email)
    messages.success(request, f"Welcome. From now on you sign in as {person.email}.")
    return HttpResponse(status=303, headers={"Location": reverse("home"), "Cache-Control": "no-store"})


def _require_patience(request: HttpRequest) -> None:
    if not ratelimit.consume(request, action="join"):
        raise Refusal(
            why=Reason.TOO_MANY,
            title="Too many tries from here",
            reason="Wait for a minute, then go on. The invitation is as it was.",
            next_steps=(NextStep("Go on", "What you typed is to be typed again.", reverse("join"), "Try again"),),
        )


def _require_nobody_else(request: HttpRequest, email: str) -> None:
    if not request.user.is_authenticated:
        return
    out, home = reverse("account_logout"), reverse("home")
    raise Refusal(
        why=Reason.NOT_NOW,
        title="You are signed in as somebody else",
        reason=f"This invitation is for {email}, and you are {request.user}. It has not been used up.",
        created_note="No account was made by this.",
        next_steps=(
            NextStep("Sign out", "Then open the link of the invitation again.", out, "Sign out"),
            NextStep("Stay who you are", "The invitation stays open until it ends.", home, "Home"),
        ),
    )


def _ways() -> tuple[NextStep, ...]:
    return (
        NextStep("Sign in", "If you have joined before, your address is known.", reverse("account_login"), "Sign in"),
        NextStep("Ask for another", "Whoever invited you can send a new link: it takes a minute.", "", ""),
        NextStep("Read the guide", "It is open to everybody.", reverse("guidance:table"), "Guide"),
    )
