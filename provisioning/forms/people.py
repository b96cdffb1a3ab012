"""The shape of what people type about people."""

import secrets

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import QueryDict

from provisioning.forms.shapes import ActForm, Choice, PlainForm
from provisioning.models import Person, Standing, Team
from provisioning.services.invitations import Wanted

STANDINGS = [
    (Standing.NONE.value, Choice("By their teams", "They may do what the teams they are in may do")),
    (
        Standing.ADMINISTRATOR.value,
        Choice("Administrator", "Sees everything, invites people, sets limits"),
    ),
    (Standing.AUDITOR.value, Choice("Auditor", "Reads everything but secrets, changes nothing, is in no team")),
]


class StandingForm(PlainForm):
    """What somebody is beside their teams."""

    standing = forms.ChoiceField(
        label="Role",
        choices=STANDINGS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one.", "invalid_choice": "There is no such role."},
    )


class InvitationForm(ActForm, StandingForm):
    """Whom to invite, and as what."""

    email = forms.EmailField(
        label="E-mail address",
        help_text="They sign in with it.",
        error_messages={"required": "Say whom to invite."},
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.all(),
        required=False,
        help_text="They can be added later as well.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "There is no such team any more."},
    )
    once = forms.CharField(min_length=20, max_length=64, widget=forms.HiddenInput)
    field_order = ("email", "standing", "teams", "once")

    def __init__(self, typed: QueryDict | None = None) -> None:
        super().__init__(typed, initial={"standing": Standing.NONE.value, "once": secrets.token_urlsafe(24)})

    def clean_email(self) -> str:
        """Return the address in lower case, as it is kept."""
        return str(self.cleaned_data["email"]).lower()

    def wanted(self) -> Wanted:
        """Return what was typed, in the words of the services."""
        typed = self.cleaned_data
        return Wanted(typed["email"], Standing(typed["standing"]), tuple(typed["teams"]), typed["once"])


class JoinForm(PlainForm):
    """The password with which somebody joins."""

    password = forms.CharField(
        label="Password",
        strip=False,
        help_text="At least 12 characters. A sentence is easier to keep than a riddle.",
        error_messages={"required": "Choose a password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="Password once more",
        strip=False,
        error_messages={"required": "Type it once more."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *arguments: object, email: str, **named: object) -> None:
        super().__init__(*arguments, **named)
        self._person = Person(email=email)

    def clean_password(self) -> str:
        """Return a password that is not too easy to guess."""
        password = str(self.cleaned_data["password"])
        validate_password(password, self._person)
        return password

    def clean_again(self) -> str:
        """Return the same password; two that differ are a slip of the hand."""
        again = str(self.cleaned_data["again"])
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError("This differs from the first one.")
        return again
