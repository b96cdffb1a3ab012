"""The style page: every component in every state, in both themes, with invented data; also what the tests look at."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from provisioning.forms.shapes import Choice
from sescreds.templatetags.ui.words import ICONS

COLOURS = [
    ("paper", "The page"),
    ("surface", "What lies on it: fields, cards, slips"),
    ("sunken", "What is set into it: code, filters"),
    ("ink", "Text"),
    ("soft", "Secondary text"),
    ("line", "Rules between things"),
    ("edge", "Borders of controls"),
    ("accent", "Actions, links, where you are"),
    ("good", "Works"),
    ("warn", "Will need you"),
    ("bad", "Broken, refused, destructive"),
    ("focus", "Where the keyboard is"),
]
POLICY = '{"Condition": {"DateLessThan": {"aws:CurrentTime": "2027-05-22T14:02:00Z"}}}'
MOMENT = datetime(2026, 11, 23, 14, 2, 7, tzinfo=UTC)


class SampleState(StrEnum):
    """One state for each tone."""

    tone: str
    label: str

    PROPAGATING = "propagating", "info", "Propagating"
    LIVE = "live", "good", "Live"
    ROTATION_DUE = "rotation due", "warn", "Rotation due"
    STUCK = "stuck", "bad", "Stuck"
    EXPIRED = "expired", "off", "Expired"
    SUSPENDED = "suspended", "pause", "Suspended"

    def __new__(cls, value: str, tone: str, label: str) -> Self:
        member = str.__new__(cls, value)
        member._value_, member.tone, member.label = value, tone, label
        return member


@dataclass(frozen=True)
class Turning:
    """A page of a list, as the pager sees it."""

    newer: str = ""
    older: str = ""


class SampleForm(forms.Form):
    """Every control there is."""

    application = forms.CharField(help_text="Letters, digits and hyphens.")
    email = forms.EmailField(label="E-mail address", help_text="Where the invitation goes.")
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}), help_text="At least 12 characters."
    )
    purpose = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}), help_text="One sentence an auditor will understand in a year."
    )
    team = forms.ChoiceField(choices=[("newsletter", "Newsletter"), ("billing", "Billing")])
    regions = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        help_text="One key, one password for each region.",
        choices=[
            ("eu-central-1", Choice("eu-central-1", "Frankfurt: SES sandbox, verified recipients only")),
            ("us-east-1", Choice("us-east-1", "N. Virginia: production")),
            ("af-south-1", Choice("af-south-1", "Cape Town: SES has no SMTP endpoint there", disabled=True)),
        ],
    )
    speaks = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[
            ("smtp", Choice("SMTP only", "It asks for a host and a port.")),
            ("api", Choice("The SES API", "It uses an SDK.")),
        ],
    )
    lifetime_days = forms.IntegerField(
        label="Lifetime in days",
        help_text="At most 180.",
        max_value=180,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    understood = forms.BooleanField(label="I have stored it", help_text="Then it is gone for good.", required=False)


class Theme:
    """One theme with forms of its own, so that no id stands twice on the page."""

    def __init__(self, name: str) -> None:
        typed = {"application": "weekly-digest", "team": "billing", "regions": ["us-east-1"], "lifetime_days": 400}
        self.name = name
        self.form = SampleForm(
            prefix=name, initial={"regions": ["eu-central-1"], "speaks": "smtp", "lifetime_days": 180}
        )
        self.refused_form = SampleForm(
            {f"{name}-refused-{key}": value for key, value in typed.items()}, prefix=f"{name}-refused"
        )


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """Show the look."""
    values = {
        "themes": [Theme("light"), Theme("dark")],
        "colours": COLOURS,
        "icons": sorted(ICONS),
        "states": list(SampleState),
        "state": SampleState.PROPAGATING,
        "ages": [0, 41, 84, 96, 1362],
        "moment": MOMENT,
        "lately": datetime.now(UTC) - timedelta(minutes=3),
        "policy": POLICY,
        "marks": ["2027-05-22T14:02:00Z"],
        "tones": ["info", "good", "warn", "bad"],
        "pages": [Turning(older="26"), Turning(newer="25", older="51")],
    }
    return render(request, "style.html", values)
