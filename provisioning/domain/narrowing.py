"""What an approval leaves of a request: each part as it was asked for, or less of it. Pure."""

from collections.abc import Iterable
from typing import Any

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import ConsoleAccess, Wish
from provisioning.domain.refusals import Breach
from provisioning.domain.widening import Difference

_READ, _FULL = ConsoleAccess.READ.value, ConsoleAccess.FULL.value


def differences(asked: Wish, granted: Wish) -> tuple[Difference, ...]:
    """Return what is granted otherwise than asked for, part by part; what it `widens` was not asked for."""
    sends_as_more = not _sends_as_less(asked, granted)
    every = (
        Difference("Kind", asked.kind.label, granted.kind.label, granted.kind is not asked.kind),
        Difference("Regions", _words(asked.regions), _words(granted.regions), not _is_part(asked, granted)),
        Difference("From addresses", _words(asked.from_entries), _words(granted.from_entries), sends_as_more),
        Difference("Lifetime", _days(asked), _days(granted), _lasts_longer(asked, granted)),
        *(_option(name, asked.options.get(name), granted.options.get(name)) for name in _names(asked, granted)),
    )
    return tuple(each for each in every if each.before != each.after)


def beyond(asked: Wish, granted: Wish) -> tuple[Breach, ...]:
    """Return what of `granted` was not asked for, a sentence each beside the form field that it is typed in."""
    return tuple(
        Breach(_field(each.limit), _not_asked_for(each, asked, granted))
        for each in differences(asked, granted)
        if each.widens
    )


def _not_asked_for(part: Difference, asked: Wish, granted: Wish) -> str:
    wanted, left = (_part(part.limit, wish) for wish in (asked, granted))
    if not left:
        return f"Leave at least one of what was asked for: {part.before}."
    if isinstance(left, list | tuple):
        more = [str(each) for each in left if not any(_covers(one, each) for one in wanted or ())]
        return f"{_and(more)} {'was' if len(more) == 1 else 'were'} not asked for."
    after = part.after[:1].upper() + part.after[1:]
    return f"{after} was not asked for: it was {part.before}." if wanted else f"{after} was not asked for."


def _part(name: str, wish: Wish) -> Any:  # noqa: ANN401 - a list or one value
    known = {"Kind": wish.kind.label, "Regions": wish.regions, "From addresses": wish.from_entries}
    return _days(wish) if name == "Lifetime" else known.get(name, wish.options.get(_field(name)))


def _covers(wanted: object, left: object) -> bool:
    return wanted == left or (isinstance(wanted, FromEntry) and isinstance(left, FromEntry) and wanted.contains(left))


def _and(values: list[str]) -> str:
    *first, last = values
    return f"{', '.join(first)} and {last}" if first else last


def _field(part: str) -> str:
    fields = {"Kind": "team", "Regions": "regions", "From addresses": "from_addresses", "Lifetime": "lifetime_days"}
    return fields.get(part, part.lower().replace(" ", "_"))


def _is_part(asked: Wish, granted: Wish) -> bool:
    return {*granted.regions} <= {*asked.regions} and bool(granted.regions) == bool(asked.regions)


def _sends_as_less(asked: Wish, granted: Wish) -> bool:
    contained = all(any(entry.contains(each) for entry in asked.from_entries) for each in granted.from_entries)
    return contained and bool(granted.from_entries) == bool(asked.from_entries)


def _lasts_longer(asked: Wish, granted: Wish) -> bool:
    if asked.lifetime_days is None:
        return False
    return granted.lifetime_days is None or granted.lifetime_days > asked.lifetime_days


def _option(name: str, asked: object, granted: object) -> Difference:
    return Difference(_title(name), _shown(asked), _shown(granted), not _is_less(asked, granted))


def _is_less(asked: object, granted: object) -> bool:
    """Return whether `granted` surely allows no more than `asked`.

    Of a list something has to be left, because an empty one can mean "from anywhere"; anything else stays as it is.
    """
    if isinstance(asked, list | tuple) and isinstance(granted, list | tuple):
        return set(granted) <= set(asked) and bool(granted) == bool(asked)
    return asked == granted or (asked, granted) == (_FULL, _READ)


def _names(asked: Wish, granted: Wish) -> list[str]:
    return sorted({*asked.options, *granted.options})


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _words(values: Iterable[object]) -> str:
    return ", ".join(sorted(set(map(str, values)))) or "none"


def _shown(value: object) -> str:
    return _words(value) if isinstance(value, list | tuple) else str(value or "none")


def _days(wish: Wish) -> str:
    days = wish.lifetime_days
    return "without an end" if days is None else "1 day" if days == 1 else f"{days:,} days"
