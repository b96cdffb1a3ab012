"""Transferring a credential to another team: which team, a review, the act."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.roles import Act
from provisioning.forms.changes import TransferForm
from provisioning.gateway.aws import aws
from provisioning.models import Credential
from provisioning.services import transfer as transferring
from provisioning.views import typed
from provisioning.views.asker import actor_of
from provisioning.views.credentials import asked_about
from provisioning.views.filling_in import review_first
from provisioning.views.posting import leading_to, say, see_other
from provisioning.views.recording import on_record


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_TRANSFER)
def transfer(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Show the form; a POST that the other team's limits admit shows the review, whose own button transfers."""
    credential = asked_about(request, credential_id, Act.CREDENTIAL_TRANSFER)
    if request.method != "POST":
        form = TransferForm(of=credential)
        typed.show(typed.take_up(request), form)
        return _form(request, credential, form)
    form = TransferForm(request.POST, of=credential)
    show, review, apply = (partial(step, request, credential, form) for step in (_form, _review, _apply))
    return review_first(request, form, show, review=review, apply=apply)


def _review(request: HttpRequest, credential: Credential, form: TransferForm) -> HttpResponse:
    team = form.cleaned_data["team"]
    review = transferring.review(credential.pk, team.pk, by=actor_of(request), now=timezone.now())
    return render(request, "provisioning/transfers/review.html", {"review": review, "credential": credential})


def _apply(request: HttpRequest, credential: Credential, form: TransferForm) -> HttpResponse:
    team, reviewed = form.cleaned_data["team"], form.cleaned_data["reviewed"]
    with leading_to("credential", credential.pk):
        came = transferring.transfer(credential.pk, team.pk, from_team_id=reviewed, by=actor_of(request), gateway=aws())
    say(request, came, f"Transferred. It belongs to {team.name} now.", doing="It is being transferred")
    return see_other("credential", credential_id=credential.pk)


def _form(request: HttpRequest, credential: Credential, form: TransferForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "credential": credential}
    return render(request, "provisioning/transfers/form.html", context, status=status)
