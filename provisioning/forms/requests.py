"""The shape of a credential that is described, and of a test message."""

from typing import ClassVar

from django import forms

from guidance.catalogue import Kind
from guidance.regions import REGIONS
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import ConsoleAccess
from provisioning.forms.shapes import ACCESS, Choice, RegionChoices, TakesRefusals, entries_of, from_addresses_field
from provisioning.models import Team
from provisioning.services.requesting import Description


class DescriptionForm(TakesRefusals):
    """What a credential of any kind is for, and how long it lasts; the page takes its words from here."""

    kind: ClassVar[Kind]
    title: ClassVar[str]
    lede: ClassVar[str]

    team = forms.ModelChoiceField(
        Team.objects.none(),
        empty_label=None,
        to_field_name="slug",
        error_messages={"invalid_choice": "You are not in that team."},
    )
    application = forms.CharField(
        max_length=60,
        help_text="Letters, digits and hyphens. It becomes part of the IAM user name, which ignores case.",
        error_messages={"required": "Name the application that will send."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    purpose = forms.CharField(
        max_length=500,
        help_text="One sentence an auditor will understand in a year.",
        error_messages={"required": "Say what it is for."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    lifetime_days = forms.IntegerField(
        label="Lifetime in days",
        min_value=1,
        max_value=3650,
        required=False,
        help_text="The end is written into the policy: AWS stops the credential even if this dashboard is down.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )

    def __init__(self, *arguments: object, teams: "list[Team]", offered: "RegionChoices", **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        team = self.fields["team"]
        team.queryset = Team.objects.filter(pk__in=[each.pk for each in teams])  # type: ignore[attr-defined]
        team.choices = [(each.slug, each.name) for each in teams]  # type: ignore[attr-defined]
        if "regions" in self.fields:
            self.fields["regions"].choices = offered  # type: ignore[attr-defined]

    def clean_application(self) -> str:
        """Return the name without the space around it."""
        return str(self.cleaned_data["application"]).strip()

    def described(self) -> Description:
        """Return what was typed, in the words of the services."""
        typed = self.cleaned_data
        return Description(
            team_id=typed["team"].pk,
            application=typed["application"],
            purpose=typed["purpose"],
            regions=typed.get("regions", ()),
            from_entries=typed.get("from_addresses", ()),
            lifetime_days=typed["lifetime_days"],
            kind=self.kind,
            options=self.options(),
        )

    def options(self) -> dict[str, object]:
        """Return what only this kind has, as JSON."""
        return {}


class SendingForm(DescriptionForm):
    """What is described of a credential that sends: where, and as whom."""

    regions = forms.MultipleChoiceField(
        help_text="One key, and one password for each region. A password works in its own region only.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "%(value)s is outside the regions of your teams.",
            "required": "Choose at least one.",
        },
    )
    from_addresses = from_addresses_field()

    def clean_regions(self) -> tuple[str, ...]:
        """Return the regions, each once: a key has one password in each."""
        return tuple(dict.fromkeys(self.cleaned_data["regions"]))

    def clean_from_addresses(self) -> tuple[FromEntry, ...]:
        """Return the entries, each once, in the order typed."""
        return entries_of(self.cleaned_data["from_addresses"])


class SmtpForm(SendingForm):
    """An SMTP credential."""

    kind = Kind.SMTP
    title = "New SMTP credential"
    lede = "For software that speaks only SMTP. You see exactly what will be made before anything happens."
    field_order = ("team", "application", "purpose", "regions", "from_addresses", "lifetime_days")


class ConsoleForm(DescriptionForm):
    """A console login, of one person."""

    kind = Kind.CONSOLE
    title = "New console login"
    lede = "For a person who works in the SES console. You see exactly what will be made before anything happens."
    field_order = ("team", "application", "purpose", "access", "lifetime_days")

    application = forms.CharField(
        label="Person",
        max_length=60,
        help_text="Whose login it is, such as anna-keller: letters, digits and hyphens. It becomes part of the IAM "
        "user name, which ignores case.",
        error_messages={"required": "Name the person who will sign in."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    access = forms.ChoiceField(
        choices=ACCESS,
        initial=ConsoleAccess.READ,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one."},
    )

    def options(self) -> dict[str, object]:
        """Return what the login may do in SES."""
        return {"access": self.cleaned_data["access"]}


FORMS: dict[Kind, type[DescriptionForm]] = {Kind.SMTP: SmtpForm, Kind.CONSOLE: ConsoleForm}


def region_choices(teams: "list[Team]", production: dict[str, bool]) -> RegionChoices:
    """Return the regions that any of `teams` may use, each with what to know of it."""
    wanted = sorted({region for team in teams for region in team.regions} & set(REGIONS))
    return [(region, _choice(region, production)) for region in wanted]


def _choice(region: str, production: dict[str, bool]) -> Choice:
    known = REGIONS[region]
    if not known.has_smtp:
        return Choice(region, f"{known.name}: SES has no SMTP endpoint there, only the API", disabled=True)
    sending = {True: "production", False: "SES sandbox, verified recipients only", None: "not read yet"}
    return Choice(region, f"{known.name}: {sending[production.get(region)]}")


class TestMessageForm(forms.Form):
    """From where, and in which region, the test message goes."""

    region = forms.CharField(max_length=32)
    sender = forms.CharField(
        max_length=254, label="From address", help_text="An exact address that this credential may send as."
    )
