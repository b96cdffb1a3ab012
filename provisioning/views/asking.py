"""Asking an administrator for what lies outside the guardrail, and taking that back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.lifecycle import Asking
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Act
from provisioning.forms.decisions import ReasonForm, take_both
from provisioning.services import approval, asking
from provisioning.views.approvals import back_to
from provisioning.views.asked import asked_about
from provisioning.views.asker import actor_of
from provisioning.views.posting import REVIEWABLE, see_other
from provisioning.views.recording import on_record
from provisioning.views.requests import FormPage, from_address, kind_of, review_page
from provisioning.views.ways import ways_on

_ASKED = "Asked. The administrators are told, and you are when one of them has decided."
_ASKED_OF_NOBODY = "Asked, but nobody can approve it yet: this page says why."

_WITHIN = (
    "This lies within the guardrail: nobody has to approve it. You issue it yourself, and your reason is not kept."
)


@require_http_methods(["GET", "POST"])
@on_record(Act.REQUEST_ASK)
def new(request: HttpRequest) -> HttpResponse:
    """Show the form with a reason; a POST asks, or shows the review where nobody needs to be asked."""
    by = actor_of(request)
    demand(by, Act.REQUEST_ASK)
    before = from_address(request, by) if request.method != "POST" else {}
    page = FormPage(by, kind_of(request, before), asks=True)
    if request.method != "POST":
        return page.opened(request, before)
    form, reason = page.form(request.POST), ReasonForm(request.POST)
    if not (form.is_valid() & reason.is_valid()):
        form.judge(asks=True)
        return page.shown(request, form, REVIEWABLE, reason=reason)
    try:
        asked = asking.ask(form.described(), reason.cleaned_data["reason"], by=by, now=timezone.now())
    except Refusal as refusal:
        if not refusal.breaches:
            raise
        take_both(refusal, form, reason)
        return page.shown(request, form, REVIEWABLE, reason=reason)
    if asked.asking == Asking.NOT_ASKED:
        messages.info(request, _WITHIN)
        return review_page(request, asked)
    if approval.deciders(asked.person_id, timezone.now()):
        messages.success(request, _ASKED)
    else:
        messages.warning(request, _ASKED_OF_NOBODY)
    return see_other("request", request_id=asked.pk)


@require_http_methods(["GET", "POST"])
@on_record(Act.REQUEST_WITHDRAW)
def withdrawal(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Ask once, then take the request back."""
    asked = asked_about(request, request_id, Act.REQUEST_WITHDRAW)
    with ways_on(back_to(asked)):
        if request.method == "POST":
            asking.withdraw(request_id, by=actor_of(request), now=timezone.now())
            messages.success(request, "Withdrawn. Nothing was made.")
            return see_other("request", request_id=request_id)
        asking.require_open(asked, Asking.ASKED, Asking.APPROVED, now=timezone.now())
    return render(request, "provisioning/requests/withdrawal.html", {"asked": asked})
