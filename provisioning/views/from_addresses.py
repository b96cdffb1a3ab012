"""Changing the From addresses of a credential: a form, a review of the exact policy, the act."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain import sending_policy
from provisioning.domain.roles import Act
from provisioning.forms.changes import FromAddressesForm
from provisioning.gateway.aws import aws
from provisioning.models import Credential
from provisioning.services import readdressing
from provisioning.views import typed
from provisioning.views.asker import actor_of
from provisioning.views.credentials import asked_about
from provisioning.views.filling_in import review_first
from provisioning.views.posting import leading_to, say, see_other
from provisioning.views.recording import on_record


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_READDRESS)
def from_addresses(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Show the form; a POST that is within limits shows the review, and the review's own button applies it."""
    credential = asked_about(request, credential_id, Act.CREDENTIAL_READDRESS)
    if request.method != "POST":
        initial = {"from_addresses": "\n".join(credential.from_entries)}
        form = FromAddressesForm(initial=initial)
        typed.show(typed.take_up(request), form)
        return _form(request, credential, form)
    form = FromAddressesForm(request.POST)
    show, review, apply = (partial(step, request, credential, form) for step in (_form, _review, _apply))
    return review_first(request, form, show, review=review, apply=apply)


def _review(request: HttpRequest, credential: Credential, form: FromAddressesForm) -> HttpResponse:
    entries = form.cleaned_data["from_addresses"]
    review = readdressing.review(credential.pk, entries, by=actor_of(request), now=timezone.now())
    context = {"review": review, "credential": credential, "limit": sending_policy.SIZE_LIMIT}
    return render(request, "provisioning/from_addresses/review.html", context)


def _apply(request: HttpRequest, credential: Credential, form: FromAddressesForm) -> HttpResponse:
    entries, reviewed = form.cleaned_data["from_addresses"], request.POST["reviewed"]
    with leading_to("credential", credential.pk):
        came = readdressing.readdress(credential.pk, entries, reviewed=reviewed, by=actor_of(request), gateway=aws())
    done = "Changed. AWS needs some seconds until the new From addresses hold everywhere."
    say(request, came, done, doing="Its From addresses are being changed")
    return see_other("credential", credential_id=credential.pk)


def _form(request: HttpRequest, credential: Credential, form: FromAddressesForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "credential": credential, "team": credential.team}
    return render(request, "provisioning/from_addresses/form.html", context, status=status)
