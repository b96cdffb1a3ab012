"""How lists are narrowed; what does not fit narrows nothing."""

from django import forms
from django.db.models import BigIntegerField

from provisioning.domain.from_entries import FromEntry


class Number(forms.IntegerField):
    """The number of a row, which is never beyond what a database counts to."""

    def __init__(self) -> None:
        super().__init__(min_value=1, max_value=BigIntegerField.MAX_BIGINT, required=False)


class CredentialFilter(forms.Form):
    """How the list of credentials is narrowed."""

    q = forms.CharField(max_length=100, required=False)
    team = Number()
    sender = forms.CharField(max_length=320, required=False)
    state = forms.CharField(max_length=16, required=False)

    def clean_sender(self) -> FromEntry | None:
        """Return as whom they may send, if that is an address or a domain's pattern."""
        try:
            return FromEntry.parse(self.cleaned_data["sender"].lower())
        except ValueError:
            return None


class HistoryFilter(forms.Form):
    """How the history is narrowed."""

    q = forms.CharField(max_length=100, required=False)
    act = forms.CharField(max_length=32, required=False)
    outcome = forms.CharField(max_length=16, required=False)
    credential = Number()


class NoticeFilter(forms.Form):
    """How the list of notices is narrowed."""

    q = forms.CharField(max_length=100, required=False)
    state = forms.CharField(max_length=16, required=False)
    credential = Number()


class PeopleFilter(forms.Form):
    """How the list of people is narrowed."""

    q = forms.CharField(max_length=100, required=False)
