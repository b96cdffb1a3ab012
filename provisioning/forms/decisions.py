"""The shape of asking an administrator, and of what they decide."""

from django import forms

from guidance.catalogue import Kind
from provisioning.domain.refusals import Refusal
from provisioning.forms.regions import region_choices
from provisioning.forms.requests import FORMS, DescriptionForm
from provisioning.forms.shapes import ActForm
from provisioning.models import CredentialRequest, RegionReading
from provisioning.services import identities, requesting
from provisioning.services.asking import WORDS_LIMIT

_FIXED = ("team", "application", "purpose")


class ReasonForm(ActForm):
    """Why a credential outside the guardrail is needed."""

    reason = forms.CharField(
        max_length=WORDS_LIMIT,
        help_text="What it is needed for, and why the guardrail does not do. Administrators and auditors read it.",
        error_messages={"required": "Say why it is needed."},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DecisionForm(ActForm):
    """What an administrator says to whoever asked."""

    words = forms.CharField(
        label="A word to whoever asked",
        max_length=WORDS_LIMIT,
        required=False,
        help_text="Kept in the history.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DeclineForm(DecisionForm):
    """Why a request is declined."""

    words = forms.CharField(
        label="Why",
        max_length=WORDS_LIMIT,
        help_text="Whoever asked reads it, so say what would do instead.",
        error_messages={"required": "Say why: whoever asked reads it."},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def granting_form(request: CredentialRequest, *typed: object) -> DescriptionForm:
    """Return the form of what was asked for, of which an administrator may leave less."""
    accounts, asked = [request.account], requesting.another_like(request)
    known = identities.production(RegionReading.objects.of(request.account))
    every = region_choices(Kind(request.kind), [], accounts, known, every=True)
    offered = [each for each in every if each[0] in request.regions]
    form = FORMS[Kind(request.kind)](*typed, teams=[request.team], accounts=accounts, offered=offered, initial=asked)
    for name in _FIXED:
        form.fields[name].disabled = True
    return form


def take_both(refusal: Refusal, first: ActForm, *others: ActForm) -> None:
    """Put each breach into the form that has its field; `first` takes what none has."""
    for breach in refusal.breaches:
        form = next((each for each in others if breach.field in each.fields), first)
        form.add_error(breach.field if breach.field in form.fields else None, breach.text)
