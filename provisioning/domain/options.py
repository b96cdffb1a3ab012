"""What only one kind of credential has, in words: what each option is called, and what a value of it says. Pure."""

from provisioning.domain.guardrails import ConsoleAccess

LABELS = {
    "actions": "Ways of sending",
    "source_ips": "Source addresses",
    "configuration_set": "Configuration set",
    "access": "Access",
}
ANY = {"source_ips": "any", "configuration_set": "any"}  # what leaving one of these out says


def label(name: str) -> str:
    """Return what the forms call an option."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def words(name: str, value: object) -> str:
    """Return what a value of an option says to people."""
    if not value:
        return ANY.get(name, "none")
    if isinstance(value, list | tuple):
        return ", ".join(sorted(set(map(str, value))))
    known = {each.value: each.words for each in ConsoleAccess} if name == "access" else {}
    return known.get(str(value), str(value))
