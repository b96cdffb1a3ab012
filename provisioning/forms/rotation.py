"""The shape of what people choose and type to rotate a credential, and to retire a key."""

from django import forms

from provisioning.forms.shapes import RegionChoices, TakesRefusals
from provisioning.forms.teams import ActForm


class RotationForm(TakesRefusals):
    """In which regions the new key shall work, beside those that the credential has."""

    regions = forms.MultipleChoiceField(
        label="More regions",
        required=False,
        help_text="Only now: a password is computed from the secret of the key, and AWS tells that once.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "%(value)s is outside the regions of the team, or it is there already."},
    )

    def __init__(self, *arguments: object, offered: RegionChoices, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self.fields["regions"].choices = offered  # type: ignore[attr-defined]


class SwitchForm(ActForm):
    """What had been forgotten, where it was said before that everything uses the new key."""

    late = forms.CharField(
        label="What had been forgotten",
        max_length=500,
        required=False,
        help_text="One sentence, such as the name of the host. It stays in the history.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RetirementForm(TakesRefusals):
    """Which key is retired; a reason only where something still uses it."""

    key = forms.CharField(max_length=128, required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why all the same",
        max_length=500,
        required=False,
        help_text="One sentence. It stays in the history.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
