"""What SES says of each region: verified identities and the state of the account, read now and then and kept."""

from collections.abc import Iterable
from datetime import datetime

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Breach
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws
from provisioning.models import AwsAccount, RegionReading, Team


def refresh(regions: Iterable[str], *, by: Actor, account: AwsAccount, gateway: Aws, now: datetime) -> int:
    """Read the identities of `regions` from AWS and keep them; return of how many regions."""
    demand(by, Act.IDENTITY_READ)
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


def regions_in_use() -> set[str]:
    """Return every region that some team may use."""
    return {region for regions in Team.objects.values_list("regions", flat=True) for region in regions}


def breaches(account: AwsAccount, regions: Iterable[str], entries: Iterable[FromEntry]) -> tuple[Breach, ...]:
    """Return which From entries no verified identity covers, region by region, by what was last read."""
    read = RegionReading.objects.of(account).filter(region__in=regions)
    verified = dict(read.values_list("region", "identities"))
    found = []
    for region in regions:
        if region not in verified:
            text = f"The verified identities of {region} have not been read yet. Refresh them, then review again."
            found.append(Breach("from_addresses", text))
            continue
        found += [
            Breach(
                "from_addresses",
                f"{entry}: no verified identity in {region} covers it. Verify {entry.domain} in SES there first, "
                "then refresh.",
            )
            for entry in entries
            if not any(map(entry.verified_by, verified[region]))
        ]
    return tuple(found)
