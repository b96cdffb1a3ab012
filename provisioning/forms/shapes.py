"""What several forms share: choices with a sentence, lines, From addresses, refusals beside their fields."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms

from guidance.regions import REGIONS, Region
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import ConsoleAccess
from provisioning.domain.refusals import Refusal
from provisioning.services import set_up

MOST_FROM_ENTRIES = 40
LONGEST_DAYS = 3650
DAYS = {"min_value": "At least 1 day.", "max_value": f"At most {LONGEST_DAYS:,} days, which is ten years."}
Read = TypeVar("Read", bound=Hashable)


@dataclass(frozen=True)
class Choice:
    """The label of a choice that needs a sentence; the field component shows all three."""

    title: str
    note: str = ""
    disabled: bool = False

    def __str__(self) -> str:
        return self.title


RegionChoices = list[tuple[str, Choice]]


_FEW = 8  # choices that can be seen at a glance


def folded(offered: RegionChoices, usable: set[str]) -> list[tuple[str, Choice | RegionChoices]]:
    """Return the choices with those of `usable` first, and the rest folded away where there are many."""
    first = [each for each in offered if each[0] in usable and not each[1].disabled]
    rest = [each for each in offered if each not in first]
    if len(offered) <= _FEW or not first:
        return [*offered]
    return [*first, (f"{len(rest)} other region{'' if len(rest) == 1 else 's'}", rest)]


ACCESS = [
    (ConsoleAccess.READ, Choice("Read only", "Sees identities, statistics and settings of SES, and changes nothing")),
    (ConsoleAccess.FULL, Choice("Full rights", "Everything in SES, in every region: also to send, and to delete")),
]


_WORDS = {
    "required": "This is needed.",
    "max_length": "%(show_value)d characters: at most %(limit_value)d.",
    "min_length": "%(show_value)d characters: at least %(limit_value)d.",
    "min_value": "At least %(limit_value)d.",
    "max_value": "At most %(limit_value)d.",
    "null_characters_not_allowed": "Null characters are not allowed here. Type it anew.",
    "invalid_choice": "This is not among the choices.",
}
_INVALID = {forms.IntegerField: "Type a whole number, such as 30.", forms.EmailField: "This is not an e-mail address."}


def in_our_words(field: forms.Field) -> None:
    """Replace what Django would say of a mistake, where the field itself says nothing."""
    known: dict[str, object] = {}
    for kind in reversed(type(field).__mro__):
        known |= getattr(kind, "default_error_messages", {})
    ours = dict(_WORDS)
    for kind, words in _INVALID.items():
        if isinstance(field, kind):
            ours["invalid"] = words
    for code, words in ours.items():
        if field.error_messages.get(code) == known.get(code):
            field.error_messages[code] = words


class PlainForm(forms.Form):
    """A form that speaks of mistakes in our words."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*arguments, **named)
        for field in self.fields.values():
            in_our_words(field)


class ActForm(PlainForm):
    """A form of an act, which shows what the act refuses beside the fields it speaks of."""

    def carry_out(self, act: Callable[[dict[str, Any]], object]) -> bool:
        """Do `act` with what was typed, if it is in shape; return whether that was done."""
        if not self.is_valid():
            return False
        try:
            act(self.cleaned_data)
        except Refusal as refusal:
            if not refusal.breaches:
                raise
            self.take(refusal)
            return False
        return True

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows it: 422 where there is something to change."""
        return 422 if self.is_bound and self.errors else 200

    def take(self, refusal: Refusal) -> None:
        """Put what a refusal says beside the fields it speaks of."""
        for breach in refusal.breaches:
            self.add_error(breach.field if breach.field in self.fields else None, breach.text)


class Lines(forms.CharField):
    """A text of lines; what is kept as a list is shown so too."""

    def prepare_value(self, value: object) -> object:
        """Return what the form shows of `value`."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value


def lines_of(typed: str, read: Callable[[str], Read], most: int, too_many: str) -> tuple[Read, ...]:
    """Return what `read` makes of each line, each once; raise a `ValidationError` with a sentence for each bad one."""
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    if len(lines) > most:
        raise forms.ValidationError(f"{len(lines)} {too_many}")
    found, troubles = [], []
    for line in lines:
        try:
            found.append(read(line))
        except ValueError as error:
            troubles.append(str(error))
    if troubles:
        raise forms.ValidationError(troubles)
    return tuple(dict.fromkeys(found))


def regions_in_reach() -> list[Region]:
    """Return the regions that an account of ours can be used in: those of the partition that we sign in to."""
    try:
        partition = set_up.account().partition
    except Refusal:  # the set-up names no account yet
        return list(REGIONS.values())
    return [region for region in REGIONS.values() if region.partition == partition]


def from_addresses_field() -> forms.CharField:
    """Return the field for From addresses, one on each line."""
    return forms.CharField(
        label="From addresses",
        max_length=MOST_FROM_ENTRIES * 256,
        help_text="One on each line: news@example.com, or *@example.com for a whole domain. SES compares them "
        "case-sensitively, so write them, and send, in lower case.",
        error_messages={"required": "Name at least one address or one whole domain."},
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )


def entries_of(typed: str) -> tuple[FromEntry, ...]:
    """Return the entries, each once, in the order typed; raise a `ValidationError` with a sentence for each bad one."""
    too_many = f"addresses: at most {MOST_FROM_ENTRIES} fit into a policy."
    return lines_of(typed, FromEntry.parse, MOST_FROM_ENTRIES, too_many)
