"""What SES says of each region: verified identities and the state of the account, read now and then and kept."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from guidance.catalogue import Kind
from provisioning import audit
from provisioning.domain.api_policy import ApiOptions, Way
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Wish
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Breach
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws
from provisioning.models import AwsAccount, CredentialRequest, RegionReading, Team
from provisioning.models.credential_request import OPEN
from provisioning.services import set_up
from provisioning.services.each_account import in_each


def refresh(regions: Iterable[str], *, by: Actor, account: AwsAccount, gateway: Aws, now: datetime) -> int:
    """Read the identities of `regions` from AWS and keep them; return of how many regions."""
    demand(by, Act.IDENTITY_READ)
    audit.require_writable(Act.IDENTITY_READ, audit.Subject(f"AWS account {account.account_id}"), by=by, at=now)
    done = 0
    for region in sorted(set(regions)):
        identities = gateway.identities(region)
        sending = gateway.sending_account(region)
        RegionReading.objects.update_or_create(
            account=account,
            region=region,
            defaults={
                "identities": sorted(identity.name for identity in identities if identity.can_send),
                "in_production": sending.in_production,
                "sending_enabled": sending.sending_enabled,
                "read_at": now,
            },
        )
        done += 1
    return done


def refresh_everywhere(*, by: Actor, gateway: Aws, now: datetime) -> int:
    """Read them in every account that is in use, in each region that it is used in; return of how many regions."""
    regions = regions_in_use()

    def refresh_in(account: AwsAccount) -> int:
        inside = set_up.into(account, gateway, by=by)
        return refresh(filter(account.covers, regions), by=by, account=account, gateway=inside, now=now)

    return in_each(set_up.in_use(), refresh_in)


def regions_in_use() -> set[str]:
    """Return every region that some team may use, or that somebody has asked for."""
    asked = CredentialRequest.objects.filter(asking__in=OPEN, lapses_at__isnull=False)
    found = (*Team.objects.values_list("regions", flat=True), *asked.values_list("regions", flat=True))
    return {region for regions in found for region in regions}


def production(readings: Iterable[RegionReading]) -> dict[str, bool | None]:
    """Return for each region whether it is in production; where the accounts differ, the lesser."""
    known: dict[str, bool | None] = {}
    for reading in readings:
        known[reading.region] = reading.in_production and known.get(reading.region) is not False
    return known


def breaches(account: AwsAccount, wish: Wish) -> tuple[Breach, ...]:
    """Return of which regions nothing was read yet, and what no verified identity covers in the others."""
    text = "The verified identities of {} have not been read yet. Refresh them, then review again."
    verified = _verified(account, wish.regions)
    unknown = (Breach("regions", text.format(region)) for region in wish.regions if region not in verified)
    return (*unknown, *_without(verified, wish))


def unread(account: AwsAccount, regions: Sequence[str]) -> list[str]:
    """Return the regions of which nobody has read yet what is verified there."""
    verified = _verified(account, regions)
    return [region for region in regions if region not in verified]


def uncovered(account: AwsAccount, wish: Wish) -> tuple[Breach, ...]:
    """Return which From entries no verified identity covers, region by region, by what was last read."""
    return _without(_verified(account, wish.regions), wish)


def _verified(account: AwsAccount, regions: Sequence[str]) -> dict[str, list[str]]:
    read = RegionReading.objects.of(account).filter(region__in=regions)
    return dict(read.values_list("region", "identities"))


def _without(verified: Mapping[str, Sequence[str]], wish: Wish) -> tuple[Breach, ...]:
    found: list[Breach] = []
    for region in (each for each in wish.regions if each in verified):
        found += _uncovered(region, verified[region], wish.from_entries)
        if wish.kind is Kind.API and Way.BULK in ApiOptions.of(wish.options).ways:
            found += _no_identity_of_their_own(region, verified[region], wish.from_entries)
    return tuple(found)


def _uncovered(region: str, identities: Sequence[str], entries: Iterable[FromEntry]) -> list[Breach]:
    return [
        Breach(
            "from_addresses",
            f"{entry}: no verified identity in {region} covers it. Verify {entry.domain} in SES there first, "
            "then refresh.",
        )
        for entry in entries
        if not any(map(entry.verified_by, identities))
    ]


def _no_identity_of_their_own(region: str, identities: Sequence[str], entries: Iterable[FromEntry]) -> list[Breach]:
    """Bulk messages are allowed by identity, so one that only a wider domain covers would be refused by AWS."""
    return [
        Breach(
            "actions",
            f"SendBulkEmail needs {entry.domain} as a verified identity of its own in {region}. Leave SendBulkEmail "
            "out, or verify that domain in SES there, then refresh.",
        )
        for entry in entries
        if entry.domain not in identities and any(map(entry.verified_by, identities))
    ]
