"""The forms of allauth, in our words and with our services behind them."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm, ResetPasswordKeyForm
from allauth.core import context, ratelimit
from django import forms
from django.http import HttpRequest
from django.utils import timezone

from provisioning import tasks
from provisioning.forms.shapes import PlainForm
from provisioning.services import mailing, passwords

_LENGTH = "At least 12 characters. A sentence is easier to keep than a riddle."


class SignInForm(PlainForm, LoginForm):  # type: ignore[misc]
    """Who signs in, and the password."""


class AgainForm(PlainForm, ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before what needs a fresh sign-in."""


class ChangeForm(PlainForm, ChangePasswordForm):  # type: ignore[misc]
    """The old password, and the new one twice."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        _named_anew(self.fields)
        self.fields["oldpassword"].label = "Present password"
        self.fields["oldpassword"].help_text = ""

    def save(self) -> None:
        """Change it, and end the other sessions."""
        key = context.request.session.session_key or ""
        passwords.change(self.user, self.cleaned_data["password1"], session_key=key, now=timezone.now())


class ResetKeyForm(PlainForm, ResetPasswordKeyForm):  # type: ignore[misc]
    """The new password twice, behind the link of a mail."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        _named_anew(self.fields)

    def save(self) -> None:
        """Reset it, and end every session."""
        passwords.reset(self.user, self.cleaned_data["password1"], now=timezone.now())
        get_adapter().forget_failures(self.user)


class ResetForm(PlainForm):
    """Whose password to reset. It looks nobody up: every address takes the same time."""

    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    sends_mail = staticmethod(mailing.is_on)

    def save(self, request: HttpRequest) -> None:
        """Leave the rest to the worker, unless that address was sent enough links lately."""
        email = self.cleaned_data["email"].lower()
        if ratelimit.consume(request, action="reset_link", key=email):
            tasks.mail_reset_link(email)


def _named_anew(fields: dict[str, forms.Field]) -> None:
    fields["password1"].label, fields["password1"].help_text = "New password", _LENGTH
    fields["password2"].label = "New password once more"
    for field in fields.values():
        field.widget.attrs.pop("placeholder", None)
