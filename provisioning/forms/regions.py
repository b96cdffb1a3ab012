"""The regions that a form offers, each with what is to know of it."""

from guidance.catalogue import Kind
from guidance.regions import REGIONS
from provisioning.forms.shapes import Choice, RegionChoices
from provisioning.models import AwsAccount, Team


def region_choices(
    kind: Kind,
    teams: list[Team],
    accounts: list[AwsAccount],
    production: dict[str, bool | None],
    *,
    every: bool = False,
) -> RegionChoices:
    """Return the regions that any of `teams` may use for that kind (or every one), each with what to know of it."""
    wanted = set(REGIONS) if every else {region for team in teams for region in team.regions} & set(REGIONS)
    covered = [region for region in sorted(wanted) if any(each.covers(region) for each in accounts)]
    return [(region, _choice(kind, region, production)) for region in covered]


def _choice(kind: Kind, region: str, production: dict[str, bool | None]) -> Choice:
    known = REGIONS[region]
    if kind is Kind.SMTP and not known.has_smtp:
        return Choice(region, f"{known.name}: {known.no_smtp}", disabled=True)
    sending = {True: "production", False: "SES sandbox, verified recipients only", None: "not read yet"}
    return Choice(region, f"{known.name}: {sending[production.get(region)]}")
