"""The shape of a credential that is described."""

from typing import ClassVar

from django import forms

from guidance.catalogue import Kind
from provisioning.domain import naming, source_ips
from provisioning.domain.api_policy import SET_NAME, ApiOptions, Way
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import ConsoleAccess, Wish
from provisioning.domain.options import LABELS
from provisioning.forms.shapes import (
    ACCESS,
    DAYS,
    LONGEST_DAYS,
    ActForm,
    Choice,
    Lines,
    RegionChoices,
    entries_of,
    folded,
    from_addresses_field,
    lines_of,
)
from provisioning.models import AwsAccount, Team
from provisioning.services import requesting
from provisioning.services.requesting import Description

_PROPOSED_DAYS = 90
_TOO_LONG = "%(show_value)d characters: at most %(limit_value)d, so that the IAM user name fits."


class DescriptionForm(ActForm):
    """What a credential of any kind is for, and how long it lasts; the page takes its words from here."""

    kind: ClassVar[Kind]
    title: ClassVar[str]
    lede: ClassVar[str]

    account = forms.TypedChoiceField(
        label="AWS account",
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": "Nothing new is made in that account."},
    )
    team = forms.ModelChoiceField(
        Team.objects.none(),
        empty_label=None,
        to_field_name="slug",
        error_messages={"invalid_choice": "You are not in that team.", "required": "Choose a team."},
    )
    application = forms.CharField(
        max_length=naming.MAX_APPLICATION,
        help_text=f"At most {naming.MAX_APPLICATION} letters, digits and hyphens. It becomes part of the IAM user "
        "name, which ignores case.",
        error_messages={"required": "Name the application that will send.", "max_length": _TOO_LONG},
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
        max_value=LONGEST_DAYS,
        required=False,
        error_messages=DAYS,
        help_text="The end is written into the policy: AWS stops the credential even if this dashboard is down.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )

    def __init__(
        self,
        *arguments: object,
        teams: "list[Team]",
        accounts: "list[AwsAccount]",
        offered: "RegionChoices",
        **named: object,
    ) -> None:
        super().__init__(*arguments, **named)
        self.fields["account"].choices = [(each.pk, account_choice(each)) for each in accounts]  # type: ignore[attr-defined]
        self.order_fields(["team", "account", *(self.field_order or ())])
        if len(accounts) < 2:  # then there is nothing to choose
            del self.fields["account"]
        team = self.fields["team"]
        team.queryset = Team.objects.filter(pk__in=[each.pk for each in teams])  # type: ignore[attr-defined]
        team.choices = [(each.slug, each.name) for each in teams]  # type: ignore[attr-defined]
        self._offer_an_end(teams)
        if "regions" in self.fields:
            usable = {region for team in teams for region in team.regions}
            self.fields["regions"].choices = folded(offered, usable)  # type: ignore[attr-defined]

    def _offer_an_end(self, teams: "list[Team]") -> None:
        """Propose what the first team may have, and say what an empty field means."""
        days, endless = self.fields["lifetime_days"], [team.name for team in teams if team.allows_no_expiry]
        days.initial = min(_PROPOSED_DAYS, teams[0].longest_lifetime_days) or None if teams else _PROPOSED_DAYS
        if endless:
            whose = "" if len(endless) == len(teams) else f" in {' or '.join(endless)}"
            days.help_text = f"{days.help_text} Left empty{whose}: no end."
        else:
            days.help_text = f"{days.help_text} Left empty: no end, for which an administrator has to be asked."

    def clean_application(self) -> str:
        """Return the name without the space around it, if an IAM user can be called so."""
        name = str(self.cleaned_data["application"]).strip()
        if trouble := naming.application_trouble(name):
            raise forms.ValidationError(trouble)
        return name

    def judge(self, *, asks: bool) -> None:
        """Say of a form that is not in shape what its other answers break, so that all of it is told at once."""
        typed = dict(self.cleaned_data)
        if "team" not in typed or (self.fields.keys() & {"account"}) - typed.keys():
            return
        sends = typed.get("regions", ()), typed.get("from_addresses", ())
        wish = Wish(self.kind, *sends, typed.get("lifetime_days"), self.options())
        for breach in requesting.breaches_so_far(wish, typed["team"], typed.get("account"), asks=asks):
            if breach.field in typed:
                self.add_error(breach.field, breach.text)

    def described(self) -> Description:
        """Return what was typed, in the words of the services."""
        typed = self.cleaned_data
        return Description(
            team_id=typed["team"].pk,
            account_id=typed.get("account"),
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

    where: ClassVar[str]  # what to know of the regions

    regions = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "%(value)s is outside the regions of your teams.",
            "required": "Choose at least one.",
        },
    )
    from_addresses = from_addresses_field()

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self.fields["regions"].help_text = self.where

    def clean_regions(self) -> tuple[str, ...]:
        """Return the regions, each once."""
        return tuple(dict.fromkeys(self.cleaned_data["regions"]))

    def clean_from_addresses(self) -> tuple[FromEntry, ...]:
        """Return the entries, each once, in the order typed."""
        return entries_of(self.cleaned_data["from_addresses"])


class SmtpForm(SendingForm):
    """An SMTP credential."""

    kind = Kind.SMTP
    title = "New SMTP credential"
    lede = "For software that speaks only SMTP. You see exactly what will be made before anything happens."
    where = "One key, and one password for each region. A password works in its own region only."
    field_order = ("team", "application", "purpose", "regions", "from_addresses", "lifetime_days")


class ApiForm(SendingForm):
    """An access key for the SES API."""

    kind = Kind.API
    title = "New API access key"
    lede = "For software that calls the API and can take no role. You see exactly what will be made before anything is."
    where = "The one key may send in each of these, and in no other."
    field_order = ("team", "application", "purpose", "regions", "from_addresses", "actions")

    actions = forms.MultipleChoiceField(
        label=LABELS["actions"],
        choices=[
            (Way.SIMPLE, Choice("SendEmail", "Subject, text and HTML as fields of the call.")),
            (Way.RAW, Choice("SendRawEmail", "Whole MIME messages: attachments, and most frameworks.")),
            (Way.TEMPLATED, Choice("SendTemplatedEmail", "Messages from templates that are kept in SES.")),
            (
                Way.BULK,
                Choice(
                    "SendBulkEmail",
                    "Many recipients in one call. AWS has no From condition for it: it needs whole domains, and sends "
                    "as anything that their identities cover, subdomains without an identity of their own among it.",
                ),
            ),
        ],
        initial=[Way.SIMPLE, Way.RAW],
        help_text="AWS asks for another action by what a message consists of. Choose what your software uses.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "%(value)s is not a way of sending.",
            "required": "Choose at least one way of sending.",
        },
    )
    source_ips = Lines(
        label=LABELS["source_ips"],
        required=False,
        max_length=1000,
        help_text="Optional. The addresses from which your software reaches AWS, one on each line: 203.0.113.7 or "
        f"203.0.113.0/24, at most {source_ips.MOST}. The key sends from nowhere else.",
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )
    configuration_set = forms.CharField(
        label=LABELS["configuration_set"],
        required=False,
        max_length=64,
        help_text="Optional. The name of the only one that this key may use, in each of the regions.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_source_ips(self) -> tuple[str, ...]:
        """Return the ranges in canonical form, each once."""
        most = source_ips.MOST
        return lines_of(self.cleaned_data["source_ips"], source_ips.source_ip, most, f"lines: at most {most}.")

    def clean_configuration_set(self) -> str:
        """Return the name, if it can be one."""
        name = str(self.cleaned_data["configuration_set"]).strip()
        if name and not SET_NAME.fullmatch(name):
            raise forms.ValidationError("Letters of the English alphabet, digits, hyphens and underscores only.")
        return name

    def options(self) -> dict[str, object]:
        """Return the ways of sending, where from, and the configuration set."""
        typed = self.cleaned_data
        ways = tuple(map(Way, typed.get("actions", ())))
        return ApiOptions(ways, typed.get("source_ips", ()), typed.get("configuration_set", "")).as_json


class ConsoleForm(DescriptionForm):
    """A console login, of one person."""

    kind = Kind.CONSOLE
    title = "New console login"
    lede = "For a person who works in the SES console. You see exactly what will be made before anything happens."
    field_order = ("team", "application", "purpose", "access", "lifetime_days")

    application = forms.CharField(
        label="Person",
        max_length=naming.MAX_APPLICATION,
        help_text=f"Whose login it is, such as anna-keller: at most {naming.MAX_APPLICATION} letters, digits and "
        "hyphens. It becomes part of the IAM user name, which ignores case.",
        error_messages={"required": "Name the person who will sign in.", "max_length": _TOO_LONG},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    access = forms.ChoiceField(
        label=LABELS["access"],
        choices=ACCESS,
        initial=ConsoleAccess.READ,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one."},
    )

    def options(self) -> dict[str, object]:
        """Return what the login may do in SES."""
        return {"access": self.cleaned_data.get("access", ConsoleAccess.READ)}


FORMS: dict[Kind, type[DescriptionForm]] = {Kind.SMTP: SmtpForm, Kind.API: ApiForm, Kind.CONSOLE: ConsoleForm}


def account_choice(account: AwsAccount) -> str:
    """Return an account as the form offers it, with the regions that it is used in where these are its own."""
    where = f": {', '.join(account.regions)}" if account.role_arn else ""
    name = account.label if account.role_arn else f"The dashboard's own, {account.account_id}"
    return f"{name}{where}"
