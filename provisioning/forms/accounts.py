"""The shape of what administrators type about an AWS account. Whether it may be is said by the service."""

from django import forms

from provisioning.domain.naming import MAX_ACCOUNT_PATH
from provisioning.forms.shapes import ActForm, Choice, folded, regions_in_reach
from provisioning.models import AwsAccount
from provisioning.services import identities
from provisioning.services.accounts import Wanted

_EXACT = {"autocomplete": "off", "spellcheck": "false"}


class AccountForm(ActForm):
    """An account that is entered through a role."""

    name = forms.CharField(
        max_length=60,
        help_text="As people know the account, for example Subsidiary.",
        error_messages={"required": "Give the account a name."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role_arn = forms.CharField(
        label="Role to assume",
        max_length=256,
        help_text="Its ARN, for example arn:aws:iam::123456789012:role/sescreds. It need not be there yet.",
        error_messages={"required": "Name the role by its ARN."},
        widget=forms.TextInput(attrs=_EXACT),
    )
    regions = forms.MultipleChoiceField(
        help_text="Where credentials of this account may send. A team needs the region in its limits as well.",
        error_messages={
            "required": "Choose at least one.",
            "invalid_choice": "%(value)s is no region in which SES can be used from here.",
        },
        widget=forms.CheckboxSelectMultiple,
    )
    path = forms.CharField(
        label="Path of its users",
        max_length=MAX_ACCOUNT_PATH,
        help_text="An IAM path that nothing else uses, for example /ses-dashboard/.",
        error_messages={"required": "Name a path of its own."},
        widget=forms.TextInput(attrs=_EXACT),
    )
    boundary_arn = forms.CharField(
        label="Permissions boundary",
        max_length=256,
        help_text="The ARN of a managed policy in the same account. What it must say is printed once the account is "
        "added.",
        error_messages={"required": "Name the boundary by its ARN."},
        widget=forms.TextInput(attrs=_EXACT),
    )
    console_boundary_arn = forms.CharField(
        label="Boundary of console logins",
        required=False,
        max_length=256,
        help_text="Only if people shall get console logins there.",
        widget=forms.TextInput(attrs=_EXACT),
    )

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        offered = sorted(regions_in_reach(), key=lambda region: region.id)
        choices = [(each.id, Choice(each.id, each.name)) for each in offered]
        self.fields["regions"].choices = folded(choices, identities.regions_in_use())  # type: ignore[attr-defined]

    @classmethod
    def showing(cls, account: AwsAccount) -> "AccountForm":
        """Return the form filled in with what the account is."""
        return cls(initial={name: getattr(account, name) for name in cls.base_fields})

    def wanted(self) -> Wanted:
        """Return what was typed, in the words of the service."""
        typed = self.cleaned_data
        return Wanted(**{**typed, "regions": tuple(dict.fromkeys(typed["regions"]))})
