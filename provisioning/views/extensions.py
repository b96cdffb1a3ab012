"""Extending a credential: how long from now, a review of the exact policy, the act."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain import sending_policy
from provisioning.domain.roles import Act
from provisioning.forms.changes import ExtensionForm
from provisioning.gateway.aws import aws
from provisioning.models import Credential
from provisioning.services import expiry
from provisioning.services import extension as extending
from provisioning.views import typed
from provisioning.views.asker import actor_of
from provisioning.views.credentials import asked_about
from provisioning.views.filling_in import review_first
from provisioning.views.posting import leading_to, say, see_other
from provisioning.views.recording import on_record
from provisioning.views.used_now import used_now


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_EXTEND)
def extension(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Show the form; a POST that is within limits shows the review, and the review's own button applies it."""
    credential = asked_about(request, credential_id, Act.CREDENTIAL_EXTEND)
    if request.method != "POST":
        extending.require_an_end(credential, timezone.now())
        longest = credential.team.longest_lifetime_days
        form = ExtensionForm(initial={"lifetime_days": min(longest, 90)})
        typed.show(typed.take_up(request), form)
        return _form(request, credential, form)
    form = ExtensionForm(request.POST)
    show, review, apply = (partial(step, request, credential, form) for step in (_form, _review, _apply))
    return review_first(request, form, show, review=review, apply=apply)


def _review(request: HttpRequest, credential: Credential, form: ExtensionForm) -> HttpResponse:
    days = form.cleaned_data["lifetime_days"]
    review = extending.review(credential.pk, days, by=actor_of(request), now=timezone.now())
    context = {"review": review, "credential": credential, "days": days, "limit": sending_policy.SIZE_LIMIT}
    context["state"] = credential.shown_state(timezone.now())
    context |= used_now(credential, by=actor_of(request))
    return render(request, "provisioning/extensions/review.html", context)


def _apply(request: HttpRequest, credential: Credential, form: ExtensionForm) -> HttpResponse:
    until, reviewed = form.cleaned_data["until"], request.POST["reviewed"]
    with leading_to("credential", credential.pk):
        came = extending.extend(credential.pk, until, reviewed=reviewed, by=actor_of(request), gateway=aws())
    done = "Extended. AWS needs some seconds until the new end holds everywhere."
    say(request, came, done, doing="It is being extended")
    return see_other("credential", credential_id=credential.pk)


def _form(request: HttpRequest, credential: Credential, form: ExtensionForm, status: int = 200) -> HttpResponse:
    state = credential.shown_state(timezone.now())
    context = {"form": form, "credential": credential, "team": credential.team, "state": state}
    context["deleted_at"] = expiry.deleted_at(credential, timezone.now())
    context |= used_now(credential, by=actor_of(request))
    return render(request, "provisioning/extensions/form.html", context, status=status)
