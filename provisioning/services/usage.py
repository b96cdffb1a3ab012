"""When was each credential last used? From the account's credential report, which AWS makes anew every four hours."""

from django.db import transaction
from django.db.models import Q

from provisioning.domain.permission import demand
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws, KeyUse
from provisioning.models import AwsAccount, Credential
from provisioning.services import set_up
from provisioning.services.each_account import in_each

_BATCH = 500


def read_everywhere(*, by: Actor, gateway: Aws) -> int:
    """Read the report of every account; return how many credentials were used since the last reading."""
    demand(by, Act.USAGE_READ)
    return in_each(
        set_up.everywhere(), lambda account: read(account, by=by, gateway=set_up.into(account, gateway, by=by))
    )


def read(account: AwsAccount, *, by: Actor, gateway: Aws) -> int:
    """Read the report and keep the last uses; return how many credentials were used since the last reading."""
    demand(by, Act.USAGE_READ)
    report = gateway.key_uses()
    if report is None:
        return 0
    made_at, uses = report
    kept = _keep(account, _latest(uses))
    AwsAccount.objects.filter(pk=account.pk).update(uses_read_at=made_at)
    return kept


def _latest(uses: tuple[KeyUse, ...]) -> dict[str, KeyUse]:
    """Return the latest use of each user, whichever of its keys it was."""
    latest: dict[str, KeyUse] = {}
    for use in uses:
        if use.user_name not in latest or latest[use.user_name].used_at < use.used_at:
            latest[use.user_name] = use
    return latest


def _keep(account: AwsAccount, latest: dict[str, KeyUse]) -> int:
    kept, names = 0, sorted(latest)
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        with transaction.atomic():
            for credential in Credential.objects.filter(account=account, user_name__in=batch):
                kept += _newer(credential, latest[credential.user_name])
    return kept


def _newer(credential: Credential, use: KeyUse) -> int:
    older = Credential.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=use.used_at), pk=credential.pk)
    region = "" if use.region == "N/A" else use.region
    return older.update(last_used_at=use.used_at, last_used_region=region)
