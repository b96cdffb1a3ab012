"""What an approval leaves of a request: each part as it was asked for, or less of it. Pure."""

from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any

from provisioning.domain import options
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import ConsoleAccess, Wish, days
from provisioning.domain.refusals import Breach
from provisioning.domain.widening import Difference

_READ, _FULL = ConsoleAccess.READ.value, ConsoleAccess.FULL.value
# The parts of a wish, and the field of the form that each is typed in.
_FIELDS = {"Kind": "team", "Regions": "regions", "From addresses": "from_addresses", "Lifetime": "lifetime_days"}
_FIELDS |= {label: name for name, label in options.LABELS.items()}
# What an option that was left empty lets through, as a sentence begins.
_LETS_ALL = {"source_ips": "From anywhere", "configuration_set": "Any configuration set"}


def differences(asked: Wish, granted: Wish) -> tuple[Difference, ...]:
    """Return what is granted otherwise than asked for, part by part; what it `widens` was not asked for."""
    sends_as_more = not _sends_as_less(asked, granted)
    every = (
        Difference("Kind", asked.kind.label, granted.kind.label, granted.kind is not asked.kind),
        Difference("Regions", _words(asked.regions), _words(granted.regions), not _is_part(asked, granted)),
        Difference("From addresses", _words(asked.from_entries), _words(granted.from_entries), sends_as_more),
        Difference("Lifetime", _lifetime(asked), _lifetime(granted), _lasts_longer(asked, granted)),
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


def parts(wish: Wish) -> dict[str, str]:
    """Return what can be narrowed of a wish, part by part, in words; what it has not is left out."""
    sends = {"Regions": _words(wish.regions)} if wish.regions else {}
    sends |= {"From addresses": _words(wish.from_entries)} if wish.from_entries else {}
    chosen = {options.label(name): options.words(name, value) for name, value in wish.options.items() if value}
    return {**sends, **chosen, "Lifetime": _lifetime(wish)}


def _not_asked_for(part: Difference, asked: Wish, granted: Wish) -> str:
    name = _field(part.limit)
    wanted, left = (_part(part.limit, wish) for wish in (asked, granted))
    if not left:
        lets_all = _LETS_ALL.get(name)
        if lets_all:
            return f"{lets_all} was not asked for: it was {part.before}."
        return f"Leave at least one of what was asked for: {part.before}."
    if isinstance(left, list | tuple):
        more = [str(each) for each in left if not _is_among(name, wanted or (), each)]
        return f"{_and(more)} {'was' if len(more) == 1 else 'were'} not asked for."
    # Only what is worded here begins with a capital: what somebody typed stays as it is.
    after = part.after[:1].upper() + part.after[1:] if name in {"lifetime_days", "access"} else part.after
    return f"{after} was not asked for: it was {part.before}." if wanted else f"{after} was not asked for."


def _part(name: str, wish: Wish) -> Any:  # noqa: ANN401 - a list or one value
    known = {"Kind": wish.kind.label, "Regions": wish.regions, "From addresses": wish.from_entries}
    return _lifetime(wish) if name == "Lifetime" else known.get(name, wish.options.get(_field(name)))


def _is_among(name: str, wanted: Iterable[Any], left: Any) -> bool:  # noqa: ANN401 - as the list has them
    if isinstance(left, FromEntry):
        return any(each.contains(left) for each in wanted)
    return _comes_from_less(list(wanted), [left]) if name == "source_ips" else left in wanted


def _and(values: list[str]) -> str:
    *first, last = values
    return f"{', '.join(first)} and {last}" if first else last


def _field(part: str) -> str:
    return _FIELDS.get(part, part.lower().replace(" ", "_"))


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
    is_less = asked == granted or (name in _IS_LESS and _IS_LESS[name](asked, granted))
    return Difference(options.label(name), options.words(name, asked), options.words(name, granted), not is_less)


def _fewer_ways(asked: Iterable[str] | None, granted: Iterable[str] | None) -> bool:
    return bool(granted) and {*(granted or ())} <= {*(asked or ())}


def _comes_from_less(asked: Iterable[str] | None, granted: Iterable[str] | None) -> bool:
    """Return whether `granted` lies within `asked`: without a source address the policy has no such condition."""
    if not asked:
        return True
    within = [*_merged(asked, 4), *_merged(asked, 6)]
    left = [ip_network(each) for each in granted or ()]
    return bool(left) and all(any(_lies_in(each, one) for one in within) for each in left)


def _merged(ranges: Iterable[str], version: int) -> Iterable[IPv4Network | IPv6Network]:
    """Return ranges of one version, neighbours as one: half of a range may lie in each."""
    found: list[Any] = [each for each in map(ip_network, ranges) if each.version == version]
    return collapse_addresses(found)


def _lies_in(inner: Any, outer: Any) -> bool:  # noqa: ANN401 - networks of one version, which the types do not say
    return bool(inner.version == outer.version and inner.subnet_of(outer))


def _fewer_sets(asked: str | None, granted: str | None) -> bool:
    """Return whether `granted` lets no set through that `asked` did not.

    Without a name the policy allows `configuration-set/*`, every set there is; with one, that set alone (`api_policy`).
    To name one where none was asked for is therefore less, though it forbids nobody to send without any set.
    """
    return not asked or asked == granted


_IS_LESS: Mapping[str, Callable[[Any, Any], bool]] = {
    "actions": _fewer_ways,
    "source_ips": _comes_from_less,
    "configuration_set": _fewer_sets,
    "access": lambda asked, granted: (asked, granted) == (_FULL, _READ),
}


def _names(asked: Wish, granted: Wish) -> list[str]:
    return sorted({*asked.options, *granted.options})


def _words(values: Iterable[object]) -> str:
    return ", ".join(sorted(set(map(str, values)))) or "none"


def _lifetime(wish: Wish) -> str:
    return "without an end" if wish.lifetime_days is None else days(wish.lifetime_days)
