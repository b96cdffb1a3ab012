"""Inviting somebody, and taking an invitation back."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Act
from provisioning.forms.people import InvitationForm
from provisioning.models import Invitation, Team
from provisioning.services import invitations as inviting
from provisioning.services import mailing
from provisioning.services.invitations import Invited
from provisioning.views import typed
from provisioning.views.asker import actor_of, never_kept
from provisioning.views.people import all_people
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record
from provisioning.views.ways import ways_on


@sensitive_variables()
@require_http_methods(["GET", "POST"])
@on_record(Act.PERSON_INVITE)
def invitations(request: HttpRequest) -> HttpResponse:
    """Ask whom to invite; then show the link, once, and mail it."""
    by = actor_of(request)
    demand(by, Act.PERSON_INVITE)
    form = InvitationForm(request.POST) if request.method == "POST" else InvitationForm()
    typed.show(typed.take_up(request), form)
    if form.is_valid():
        try:
            with ways_on(all_people()):
                invited = inviting.invite(form.wanted(), by=by, now=timezone.now())
            return never_kept(render(request, "provisioning/people/invited.html", _handed_over(invited)))
        except Refusal as refusal:
            if not refusal.breaches:
                raise
            form.take(refusal)
    context = {"form": form, "has_teams": Team.objects.exists()}
    return render(request, "provisioning/people/invitation.html", context, status=form.status)


def _handed_over(invited: Invited) -> dict[str, object]:
    """Mail the link of a new invitation, and return what the page shows."""
    link = settings.BASE_URL + reverse("join_link", args=(invited.token,))
    context: dict[str, object] = {"invitation": invited.invitation, "link": link, "site": settings.BASE_URL}
    sent = invited.is_new and mailing.send(
        invited.invitation.email,
        "You are invited to sescreds",
        render_to_string("mail/invitation.txt", context),
    )
    return context | {"is_new": invited.is_new, "sent": sent, "sends_mail": mailing.is_on()}


@require_http_methods(["GET", "POST"])
@on_record(Act.INVITATION_WITHDRAW)
def withdrawal(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Ask once, then take the invitation back."""
    by = actor_of(request)
    demand(by, Act.INVITATION_WITHDRAW)
    with ways_on(all_people()):
        if request.method == "POST":
            invitation = inviting.withdraw(invitation_id, by=by, now=timezone.now())
            messages.success(request, f"The invitation of {invitation.email} is withdrawn: its link opens nothing.")
            return see_other("people")
        found = Invitation.objects.waiting().filter(pk=invitation_id).select_related("invited_by").first()
        if found is None:
            raise not_there("invitation")
    return render(request, "provisioning/people/withdrawal.html", {"invitation": found})
