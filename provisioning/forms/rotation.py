"""The shape of what people choose and type to rotate a credential, and to retire a key."""

from django import forms

from guidance.catalogue import Kind
from provisioning.forms.shapes import ActForm, RegionChoices

_ONLY_NOW = {
    Kind.SMTP: "Only now: a password is computed from the secret of the key, and AWS tells that once.",
    Kind.API: "Only now: more regions widen what its keys may do, and that takes a review and a new hand-over. The "
    "policy is that of the IAM user, so the old key sends there at once, too.",
}


class RotationForm(ActForm):
    """In which regions the new key shall work, beside those that the credential has."""

    regions = forms.MultipleChoiceField(
        label="More regions",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "%(value)s is outside the regions of the team, or it is there already."},
    )

    def __init__(self, *arguments: object, offered: RegionChoices, kind: str, **named: object) -> None:
        super().__init__(*arguments, **named)
        self.fields["regions"].choices = offered  # type: ignore[attr-defined]
        self.offered = [region for region, _ in offered]
        self.fields["regions"].help_text = _ONLY_NOW.get(Kind(kind), "")


def _sentence(label: str, hint: str) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, max_length=500, required=False, help_text=hint, widget=area)


class SwitchForm(ActForm):
    """What had been forgotten, where it was said before that everything uses the new key."""

    late = _sentence("What had been forgotten", "One sentence, such as the name of the host. It stays in the history.")


class RetirementForm(ActForm):
    """Which key is retired; a reason only where something still uses it."""

    key = forms.CharField(max_length=128, required=False, widget=forms.HiddenInput)
    reason = _sentence("Why all the same", "One sentence. It stays in the history.")
