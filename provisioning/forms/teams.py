"""The shape of what administrators type about teams. Whether it may be is said by the services."""

from typing import Any

from django import forms

from guidance.catalogue import Kind
from guidance.regions import REGIONS, Region
from provisioning.domain import naming
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import ConsoleAccess, Guardrail
from provisioning.forms.shapes import (
    ACCESS,
    DAYS,
    LONGEST_DAYS,
    MOST_FROM_ENTRIES,
    ActForm,
    Choice,
    entries_of,
    regions_in_reach,
)

_KINDS = [(kind, Choice(kind.label)) for kind in (Kind.SMTP, Kind.API, Kind.CONSOLE)]


class Offer(forms.MultipleChoiceField):
    """Choices of which some are shown, with the reason, but cannot be chosen."""

    def valid_value(self, value: object) -> bool:
        """Return whether `value` is there and can be chosen."""
        return any(value == each and not label.disabled for each, label in self.choices)  # type: ignore[misc, union-attr] # pairs


class TeamNameForm(ActForm):
    """What a team is called."""

    name = forms.CharField(
        max_length=60,
        help_text="As people know it, for example Newsletter.",
        error_messages={"required": "Give the team a name."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class GuardrailForm(ActForm):
    """What a team may issue by itself."""

    kinds = Offer(
        required=False,
        choices=_KINDS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "%(value)s is not issued here yet."},
    )
    regions = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "%(value)s is no region in which SES can be used from here."},
    )
    from_addresses = forms.CharField(
        label="From entries",
        required=False,
        max_length=MOST_FROM_ENTRIES * 320,
        help_text="One on each line: news@example.com, or *@example.com for a whole domain. In lower case, because SES "
        "compares them exactly.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    live_limit = forms.IntegerField(
        label="Live credentials, at most",
        min_value=0,
        max_value=10_000,
        error_messages={"min_value": "A number from 0 on.", "max_value": "At most 10,000."},
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
    longest_lifetime_days = forms.IntegerField(
        label="Longest lifetime in days",
        min_value=1,
        max_value=LONGEST_DAYS,
        error_messages=DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
    allows_no_expiry = forms.BooleanField(
        label="A credential may have no end",
        required=False,
        help_text="Better not: what ends by itself is not forgotten.",
    )

    console_access = forms.ChoiceField(
        label="Console logins, at most",
        choices=ACCESS,
        initial=ConsoleAccess.READ,
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        self.fields["regions"].choices = [(each.id, _choice(each)) for each in _smtp_first()]  # type: ignore[attr-defined]

    @classmethod
    def showing(cls, guardrail: Guardrail) -> "GuardrailForm":
        """Return the form filled in with these limits."""
        limits = guardrail.limits
        return cls(initial={**limits, "from_addresses": "\n".join(sorted(map(str, guardrail.from_entries)))})

    def clean_from_addresses(self) -> tuple[FromEntry, ...]:
        """Return the entries, each once."""
        return entries_of(self.cleaned_data["from_addresses"])

    def clean(self) -> dict[str, Any]:
        """Return what was typed; where SMTP is all that a team may issue, a region without it is of no use."""
        typed = super().clean() or self.cleaned_data
        for region in typed.get("regions", ()) if set(typed.get("kinds", ())) <= {Kind.SMTP} else ():
            if not REGIONS[region].has_smtp:
                self.add_error("regions", f"{REGIONS[region].no_smtp}.")
        return typed

    def guardrail(self, team: str) -> Guardrail:
        """Return what was typed as the guardrail of `team`."""
        typed = self.cleaned_data
        return Guardrail(
            team=team,
            kinds=frozenset(map(Kind, typed["kinds"])),
            regions=tuple(dict.fromkeys(typed["regions"])),
            from_entries=typed["from_addresses"],
            live_limit=typed["live_limit"],
            longest_lifetime_days=typed["longest_lifetime_days"],
            allows_no_expiry=typed["allows_no_expiry"],
            console_access=ConsoleAccess(typed["console_access"] or ConsoleAccess.READ),
        )


class TeamForm(GuardrailForm):
    """A new team: its names and its guardrail."""

    name = TeamNameForm.base_fields["name"]
    slug = forms.CharField(
        label="Short name",
        required=False,
        max_length=60,
        help_text=f"At most {naming.MAX_TEAM_SLUG} small letters, digits and hyphens. It becomes part of IAM paths and "
        "stays for good. Leave it empty to have it made from the name.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("name", "slug")

    def clean_slug(self) -> str:
        """Return the short name, made from the name where none was typed."""
        slug = self.cleaned_data["slug"] or naming.team_slug(self.cleaned_data.get("name", ""))
        if not slug and self.cleaned_data.get("name"):
            raise forms.ValidationError("The name has no letter that IAM takes, so type a short name.")
        return str(slug)


class MemberForm(ActForm):
    """Whom to add to a team."""

    email = forms.EmailField(
        label="E-mail address",
        help_text="Of somebody who can sign in here. Auditors are in no team.",
        error_messages={"required": "Type the address of the person to add."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


def _smtp_first() -> list[Region]:
    return sorted(regions_in_reach(), key=lambda region: (not region.has_smtp, region.id))


def _choice(region: Region) -> Choice:
    note = region.name if region.has_smtp else f"{region.name}: {region.evidence.title}"
    return Choice(region.id, note)
