"""The first page: for strangers the guide, for people what is theirs."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from provisioning.domain.permission import reaches
from provisioning.domain.roles import Act
from provisioning.models import AuditEvent, Credential
from provisioning.views.asker import actor_of

LATELY = 5


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what is live, what happened lately, and the one obvious next step."""
    if not request.user.is_authenticated:
        return redirect("guidance:table")
    by, now = actor_of(request), timezone.now()
    newest = Credential.objects.visible_to(by).with_unresolved().holding().select_related("team", "owner")[:LATELY]
    context = {
        "by": by,
        "credentials": [(credential, credential.shown_state(now)) for credential in newest],
        "events": AuditEvent.objects.visible_to(by)[:LATELY],
        "may_issue": reaches(by, Act.CREDENTIAL_PREPARE),
        "may_read": reaches(by, Act.CREDENTIAL_READ),
    }
    return render(request, "provisioning/home.html", context)
