"""Deciding a request: approving it, also narrower, and declining it; and the review of what was approved."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.lifecycle import Asking
from provisioning.domain.narrowing import differences
from provisioning.domain.refusals import NextStep, Refusal
from provisioning.domain.roles import Act
from provisioning.forms.decisions import DecisionForm, DeclineForm, granting_form, take_both
from provisioning.forms.requests import DescriptionForm
from provisioning.models import CredentialRequest
from provisioning.services import approval as approving
from provisioning.services import approved, asking, granting, identities, requesting
from provisioning.views import typed
from provisioning.views.asked import asked_about
from provisioning.views.asker import actor_of
from provisioning.views.posting import CHANGE, REVIEWABLE, see_other
from provisioning.views.recording import on_record
from provisioning.views.requests import review_page
from provisioning.views.ways import ways_on


@require_http_methods(["GET", "POST"])
@on_record(Act.REQUEST_APPROVE)
def approval(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show what was asked for as a form, of which less may be left; a POST approves it, what became less once shown."""
    asked, by, now = asked_about(request, request_id, Act.REQUEST_APPROVE), actor_of(request), timezone.now()
    with ways_on(back_to(asked)):
        approving.require_another(asked, by)
        if request.method != "POST":
            asking.require_open(asked, Asking.ASKED, now=now)
            approving.require_independent(asked, by, now)
            form, words, kept = granting_form(asked), DecisionForm(), typed.take_up(request)
            typed.show(kept, form)
            typed.show(kept, words)
            return _form(request, asked, form, words)
        form, words = granting_form(asked, request.POST), DecisionForm(request.POST)
        if not (form.is_valid() & words.is_valid()) or CHANGE in request.POST:
            asking.require_open(asked, Asking.ASKED, now=now)
            return _form(request, asked, form, words)
        try:
            if differences(asked.wish, form.described().wish) and "reviewed" not in request.POST:
                return _review(request, asked, form)
            approving.approve(request_id, form.described(), words.cleaned_data["words"], by=by, now=now)
        except Refusal as refusal:
            if not refusal.breaches:
                raise
            take_both(refusal, form, words)
            return _form(request, asked, form, words)
    messages.success(request, f"Approved. {asked.person.email} is told, and issues it.")
    return see_other("request", request_id=request_id)


def _review(request: HttpRequest, asked: CredentialRequest, form: DescriptionForm) -> HttpResponse:
    """Show what would be approved, exactly, before it is."""
    by, now = actor_of(request), timezone.now()
    asking.require_open(asked, Asking.ASKED, now=now)
    approving.require_independent(asked, by, now)
    granted, changed = granting.review(asked, form.described(), by=by, now=now)
    answers = [(name, value) for name in (*form.fields, "words") for value in request.POST.getlist(name)]
    context = {"asked": asked, "granted": granted, "changed": changed, "answers": answers}
    return render(request, "provisioning/approvals/review.html", context)


def _form(request: HttpRequest, asked: CredentialRequest, form: DescriptionForm, words: DecisionForm) -> HttpResponse:
    outside = [breach.text for breach in requesting.outside(asked)]
    unread = identities.unread(asked.account, asked.regions)
    context = {"asked": asked, "form": form, "words": words, "outside": outside, "unread": unread}
    status = REVIEWABLE if form.errors or words.errors else 200
    return render(request, "provisioning/approvals/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@on_record(Act.REQUEST_DECLINE)
def decline(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Ask why, then decline."""
    asked = asked_about(request, request_id, Act.REQUEST_DECLINE)
    words = DeclineForm(request.POST if request.method == "POST" else None)
    with ways_on(back_to(asked)):
        if request.method == "POST" and words.is_valid():
            approving.decline(request_id, words.cleaned_data["words"], by=actor_of(request), now=timezone.now())
            messages.success(request, f"Declined. {asked.person.email} is told why.")
            return see_other("request", request_id=request_id)
        asking.require_open(asked, Asking.ASKED, Asking.APPROVED, now=timezone.now())
    context = {"asked": asked, "form": words}
    return render(request, "provisioning/approvals/decline.html", context, status=REVIEWABLE if words.errors else 200)


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_PREPARE)
def review(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show whoever asked what will be made, worked out anew; a GET, such as a reload, goes back to the request."""
    if request.method != "POST":
        return redirect("request", request_id=request_id)
    asked = asked_about(request, request_id, Act.CREDENTIAL_PREPARE)
    with ways_on(back_to(asked)):
        return review_page(request, approved.review(request_id, by=actor_of(request), now=timezone.now()))


def back_to(asked: CredentialRequest) -> NextStep:
    """Return the way to the page of a request."""
    where = reverse("request", args=(asked.pk,))
    return NextStep("See the request", "Its page shows what became of it, and who can decide.", where, "Request")
