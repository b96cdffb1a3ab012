"""Sending the fixed test message to the mailbox simulator."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from provisioning.forms import TestMessageForm
from provisioning.gateway.smtp import Answer
from provisioning.services import verification
from provisioning.views.asker import actor_of, browser_of, never_kept
from provisioning.views.posting import post_or_back, see_other


@post_or_back
def test_message(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Send one, and show what the server said."""
    form = TestMessageForm(request.POST)
    typed = form.cleaned_data if form.is_valid() else {"region": "", "sender": ""}
    attempt = verification.send_test(
        handover_id,
        region=typed["region"],
        sender=typed["sender"].strip(),
        by=actor_of(request),
        browser=browser_of(request),
    )
    if attempt.answer is Answer.ACCEPTED:
        messages.success(request, f"Sending proved: SES accepted the message from {typed['sender']}.")
    else:
        messages.error(request, f"Not sent: {attempt.code or ''} {attempt.words}")
    return never_kept(see_other("handover", handover_id=handover_id))
