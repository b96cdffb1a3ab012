"""Sending the fixed test message to the mailbox simulator."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from provisioning.domain.refusals import Refusal
from provisioning.forms.test_messages import TestMessageForm
from provisioning.gateway.attempts import Answer, Attempt
from provisioning.services import verification
from provisioning.views.asker import actor_of, browser_of, never_kept
from provisioning.views.posting import post_or_back, see_other
from provisioning.views.waiting import waiting_page


@post_or_back
def test_message(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Send one, and show what the server said. The answer to htmx leaves what else the page shows where it is."""
    form = TestMessageForm(request.POST)
    try:
        attempt = _send(request, handover_id, form)
    except Refusal as refusal:
        if request.htmx and not refusal.breaches:  # type: ignore[attr-defined] # the hand-over's page says what is
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("handover", args=(handover_id,))})
        if not refusal.breaches:
            raise
        return _beside_the_field(request, handover_id, form, refusal)
    sender = form.cleaned_data["sender"]
    if attempt.answer is Answer.ACCEPTED:
        messages.success(request, f"Sending proved: SES accepted the message from {sender}.")
    else:
        where = f"Request {attempt.aws_request_id}." if attempt.aws_request_id else ""
        said = (attempt.aws_code or str(attempt.code or ""), attempt.words, where)
        messages.error(request, f"Not sent: {' '.join(filter(None, said))}")
    return never_kept(see_other("handover", handover_id=handover_id))


def _send(request: HttpRequest, handover_id: UUID, form: TestMessageForm) -> Attempt:
    form.is_valid()  # what is missing fits no credential: the act says so
    typed = {"region": "", "sender": "", **form.cleaned_data}
    by, browser = actor_of(request), browser_of(request)
    return verification.send_test(handover_id, region=typed["region"], sender=typed["sender"], by=by, browser=browser)


def _beside_the_field(request: HttpRequest, handover_id: UUID, form: TestMessageForm, refusal: Refusal) -> HttpResponse:
    """Show the hand-over again, with what was typed and what is wrong with it."""
    if "sender" not in form.errors:
        form.add_error("sender", " ".join(breach.text for breach in refusal.breaches))
    template, context = waiting_page(handover_id, by=actor_of(request), browser=browser_of(request), now=timezone.now())
    return never_kept(render(request, template, {**context, "testing": form}, status=refusal.status))
