"""How lists are narrowed; what does not fit narrows nothing."""

from django import forms

from provisioning.domain.from_entries import FromEntry


class CredentialFilter(forms.Form):
    """How the list of credentials is narrowed."""

    q = forms.CharField(max_length=100, required=False)
    team = forms.IntegerField(required=False)
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
    credential = forms.IntegerField(required=False)


class NoticeFilter(forms.Form):
    """How the list of notices is narrowed."""

    q = forms.CharField(max_length=100, required=False)
    state = forms.CharField(max_length=16, required=False)
    credential = forms.IntegerField(required=False)


class PeopleFilter(forms.Form):
    """How the list of people is narrowed."""

    q = forms.CharField(max_length=100, required=False)
