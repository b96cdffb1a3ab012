"""The shape of what people type to change a credential that stays, or to stop many."""

from django import forms
from django.db.models import QuerySet

from provisioning.domain.from_entries import FromEntry
from provisioning.forms.shapes import DAYS, LONGEST_DAYS, ActForm, PlainForm, entries_of, from_addresses_field
from provisioning.models import Credential, Team
from provisioning.services import note
from provisioning.services.stops import Scope


class FromAddressesForm(ActForm):
    """As whom a credential shall send from now on."""

    from_addresses = from_addresses_field()

    def clean_from_addresses(self) -> tuple[FromEntry, ...]:
        """Return the entries, each once, in the order typed."""
        return entries_of(self.cleaned_data["from_addresses"])


class ExtensionForm(ActForm):
    """How long a credential lasts from now on; `until` is the exact end that was reviewed, empty for none."""

    lifetime_days = forms.IntegerField(
        label="Days from now",
        min_value=1,
        max_value=LONGEST_DAYS,
        error_messages=DAYS,
        required=False,
        help_text="The end is written into the policy: AWS stops the credential even if this dashboard is down.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
    until = forms.DateTimeField(required=False, widget=forms.HiddenInput)


class NoteForm(PlainForm):
    """Where a credential is used."""

    note = forms.CharField(
        label="Where it is used",
        max_length=note.LONGEST,
        required=False,
        help_text="Which host, which file, whom to ask. Never a password: everybody in the team reads this.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def clean_note(self) -> str:
        """Return the note with one kind of line end."""
        return str(self.cleaned_data["note"]).replace("\r\n", "\n")


class TransferForm(ActForm):
    """To which team a credential goes; `reviewed` is the team that it was with when that was reviewed."""

    team = forms.ModelChoiceField(
        Team.objects.none(),
        label="New team",
        empty_label=None,
        to_field_name="slug",
        error_messages={"required": "Choose a team.", "invalid_choice": "There is no such team to transfer it to."},
    )
    reviewed = forms.IntegerField(required=False)

    def __init__(self, *arguments: object, of: Credential, **named: object) -> None:
        super().__init__(*arguments, **named)
        self.fields["team"].queryset = Team.objects.all()  # type: ignore[attr-defined]
        others = Team.objects.exclude(pk=of.team_id).values_list("slug", "name")
        self.fields["team"].choices = others  # type: ignore[attr-defined]


class ScopeForm(PlainForm):
    """What to stop: a team, or an address."""

    team = forms.ModelChoiceField(
        Team.objects.none(),
        label="Everything of a team",
        empty_label="No team: an address instead",
        to_field_name="slug",
        required=False,
        error_messages={"invalid_choice": "There is no such team that you may stop."},
    )
    sender = forms.CharField(
        label="Or everything that may send as",
        max_length=320,
        required=False,
        help_text="news@example.com, or *@example.com for every address of a domain.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def offer(self, teams: "QuerySet[Team]") -> None:
        """Let these teams be chosen."""
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]

    def clean_sender(self) -> FromEntry | None:
        """Return the address as an entry."""
        typed = self.cleaned_data["sender"].strip()
        try:
            return FromEntry.parse(typed) if typed else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, object]:
        """Demand one of the two."""
        typed = super().clean() or {}
        if not self.errors and bool(typed.get("team")) == bool(typed.get("sender")):
            self.add_error("sender", "Choose a team, or name an address: one of the two.")
        return typed

    def scope(self) -> Scope:
        """Return what was typed, in the words of the services."""
        return Scope(self.cleaned_data["team"], self.cleaned_data["sender"])


class StopForm(PlainForm):
    """Why everything is stopped; `stop` is the id that the preview gave it, so that pressing twice stops once."""

    reason = forms.CharField(
        max_length=500,
        help_text="One sentence. It stays in the history, and whoever finds their mail stopped will read it.",
        error_messages={"required": "Say why."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    stop = forms.UUIDField(widget=forms.HiddenInput)
