"""Is it safe to issue here? Who we are in AWS, and whether the boundary is there; for each account, and the way in."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from provisioning import audit
from provisioning.domain.arn import PolicyArn, policy_arn
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor, system
from provisioning.gateway.contract import ACCESS_DENIED, Aws, Caller, GatewayFault
from provisioning.gateway.contract import Role as AwsRole
from provisioning.models import AwsAccount
from provisioning.models.aws_account import AwsAccountQuerySet

CHECK_HOLDS = timedelta(days=1)
_NOTHING = "Nothing was made."
_NOT_LET_IN = frozenset({ACCESS_DENIED, "RegionDisabledException"})


def account() -> AwsAccount:
    """Return the account that the environment names; raise a `Refusal` where it names none."""
    named = _named()
    known = AwsAccount.objects.filter(**named).first()
    if known is not None:
        return known
    row, _ = AwsAccount.objects.update_or_create(account_id=named["account_id"], defaults=named)
    return row


def _named() -> dict[str, object]:
    """Return what the environment says of the account that we sign in to, whatever it was before."""
    boundary = _boundary()
    return {
        "account_id": boundary.account_id,
        "partition": boundary.partition,
        "path": settings.AWS_ACCOUNT_PATH,
        "boundary_arn": boundary.text,
        "console_boundary_arn": _console_boundary(boundary),
        "role_arn": "",
        "retired_at": None,
    }


def known() -> AwsAccountQuerySet:
    """Return the accounts in the books, but for those that the environment has named once and names no more."""
    try:
        home = Q(account_id=_boundary().account_id)
    except Refusal:
        home = Q(role_arn="")
    return AwsAccount.objects.filter(home | ~Q(role_arn=""))


def everywhere() -> list[AwsAccount]:
    """Return every account that may hold something of ours, retired ones too; the one that we sign in to first."""
    rows = list(AwsAccount.objects.order_by("name", "pk"))
    home = next((each for each in rows if _is_named(each)), None) or account()
    return [home, *(each for each in rows if each.role_arn and each.pk != home.pk)]


def in_use() -> list[AwsAccount]:
    """Return the accounts in which something new may be made; the one that we sign in to first."""
    return [each for each in everywhere() if each.retired_at is None]


def require_safe(of: AwsAccount, gateway: Aws, *, now: datetime, by: Actor | None = None) -> Aws:
    """Return the gateway into `of` if it is safe to issue there; ask AWS only if the last answer is old or not of it.

    Raises a `Refusal` if it is not safe. In other accounts AWS names `by` beside what is done there.
    """
    row, home = _current(of), _home(gateway)
    if of.pk != row.pk:
        raise _unsafe(f"This was reviewed for AWS account {of.account_id}. The set-up names {row.account_id} now.")
    require_in_use(row)
    if row.trouble or not _is_known(row, home, now=now):
        row = check(home, by=system("set-up"), now=now, of=row)
    if row.trouble:
        raise _unsafe(row.trouble)
    return into(row, home, by=by)


def require_in_use(row: AwsAccount) -> None:
    """Raise a `Refusal` if the account is retired."""
    if row.retired_at is not None:
        raise Refusal(
            why=Reason.UNSAFE_SET_UP,
            title="The AWS account is retired",
            reason=f"Nothing new is made in {row.label} since it was retired. What is there can still be revoked.",
            created_note=_NOTHING,
        )


def require_account(of: AwsAccount, gateway: Aws, *, now: datetime, by: Actor | None = None) -> Aws:
    """Return the gateway into the account `of`; raise a `Refusal` unless we sign in to it, or are let into it.

    Other trouble does not keep anybody from deleting. In other accounts AWS names `by` beside what is done there.
    """
    row, home = _current(of), _home(gateway)
    if not _is_known(row, home, now=now) or not row.principal_arn:
        row = check(home, by=system("set-up"), now=now, of=row)
    found = ":".join(row.principal_arn.split(":")[4:5])
    if row.role_arn and not found:
        raise Refusal(why=Reason.UNSAFE_SET_UP, title="AWS does not let the dashboard in", reason=row.trouble)
    if found != of.account_id or row.pk != of.pk:
        raise Refusal(
            why=Reason.UNSAFE_SET_UP,
            title="It is in another AWS account",
            reason=f"It was made in account {of.account_id}. The dashboard is set up for {row.account_id} and signs in "
            f"to {found or 'none'}.",
        )
    return into(row, home, by=by)


def into(row: AwsAccount, gateway: Aws, *, by: Actor | None = None) -> Aws:
    """Return the gateway into this account, checked or not; raise a `GatewayFault` where AWS does not let us in."""
    home = _home(gateway)
    if not row.role_arn:
        return home
    person = by.name if by is not None and by.person_id is not None else ""
    return home.into(replace(_role(row), person=person))


def _home(gateway: Aws) -> Aws:
    return gateway if gateway.role is None else gateway.into(None)


def _role(row: AwsAccount) -> AwsRole:
    return AwsRole(row.role_arn, row.external_id)


def _current(of: AwsAccount) -> AwsAccount:
    """Return the account as it is now; where nothing leads into it any more, the one that we sign in to."""
    if _is_named(of):
        return of
    return AwsAccount.objects.elsewhere().filter(pk=of.pk).first() or account()


def _is_known(row: AwsAccount, home: Aws, *, now: datetime) -> bool:
    """Return whether the last check is recent, and of the key and the settings that are in use."""
    fresh = row.checked_at is not None and row.checked_at > now - CHECK_HOLDS
    return fresh and row.checked_for == _fingerprint(row, home)


def _is_named(row: AwsAccount) -> bool:
    """Return whether the row says what the environment does."""
    return all(getattr(row, column) == value for column, value in _named().items())


def check(gateway: Aws, *, by: Actor, now: datetime, of: AwsAccount | None = None) -> AwsAccount:
    """Ask AWS who we are in `of` (at first the account that we sign in to), and for the boundary; keep the answer."""
    demand(by, Act.ACCOUNT_CHECK)
    row, home = of or account(), _home(gateway)
    asked_for = _fingerprint(row, home)
    principal_arn, trouble, fault = _findings(home, row)
    with transaction.atomic():
        row = AwsAccount.objects.select_for_update(no_key=True).get(pk=row.pk)
        changed = (row.principal_arn, row.trouble) != (principal_arn, trouble)
        row.principal_arn, row.trouble, row.checked_at = principal_arn, trouble, now
        row.checked_for = asked_for
        row.save(update_fields=["principal_arn", "trouble", "checked_at", "checked_for"])
        if changed:
            audit.record(
                Act.ACCOUNT_CHECK,
                Outcome.FAILED if trouble else Outcome.DONE,
                audit.Subject(f"AWS account {row.account_id}"),
                by=by,
                at=now,
                detail={"principal": principal_arn, "boundary": row.boundary_arn, "trouble": trouble},
            )
    if fault is not None:
        raise fault
    return row


def _findings(home: Aws, row: AwsAccount) -> tuple[str, str, GatewayFault | None]:
    """Return our own ARN, what is wrong, as a sentence, or "", and why AWS did not say whether the boundary is there.

    Who we are is kept then: what was wrong with whoever we were before is over.
    """
    if not home.key_in_use():
        return "", "The AWS credential chain gives no credentials, so the dashboard cannot sign in to AWS.", None
    try:
        gateway = home.into(_role(row), anew=True) if row.role_arn else home
    except GatewayFault as fault:
        if fault.code not in _NOT_LET_IN:
            raise
        return "", f"{row.role_arn}: {fault.words}", None
    caller = gateway.caller()
    trouble = _caller_trouble(caller, row) or _door_trouble(home, row)
    try:
        if not trouble and not gateway.policy_exists(row.boundary_arn):
            trouble = f"The permissions boundary {row.boundary_arn} does not exist in AWS."
    except GatewayFault as fault:
        return caller.arn, f"AWS does not say whether the permissions boundary {row.boundary_arn} exists.", fault
    return caller.arn, trouble, None


def _caller_trouble(caller: Caller, row: AwsAccount) -> str:
    if caller.is_root:
        return "The dashboard signs in as the root user of the AWS account. It must be a role or an IAM user."
    if caller.account_id != row.account_id:
        return f"The dashboard signs in to account {caller.account_id}, but its boundary is one of {row.account_id}."
    if f":user{row.path}" in caller.arn:
        return f"The dashboard's own IAM user lies under {row.path}, where it could change its own rights."
    return ""


def _door_trouble(home: Aws, row: AwsAccount) -> str:
    """Return that the role opens to whoever does not know its external ID, if it does."""
    if not row.role_arn:
        return ""
    for external_id, which in (("", "without its external ID"), (f"not-{row.external_id}", "with a wrong external ID")):
        if home.is_let_in(AwsRole(row.role_arn, external_id)):
            return (
                f"{row.role_arn} lets the dashboard in {which}, so another customer of whoever runs it could be led "
                "into this account. Give the role the trust policy that is printed here."
            )
    return ""


def _boundary() -> PolicyArn:
    boundary = policy_arn(settings.AWS_BOUNDARY_ARN)
    path = settings.AWS_ACCOUNT_PATH
    if boundary is None:
        raise _unsafe("AWS_BOUNDARY_ARN does not name a managed policy, so there is no permissions boundary to set.")
    if len(path) < 3 or not (path.startswith("/") and path.endswith("/")):
        raise _unsafe("AWS_ACCOUNT_PATH must be a path of its own, such as /ses-dashboard/.")
    return boundary


def _console_boundary(boundary: PolicyArn) -> str:
    """Return the ARN of the boundary of console logins, or "": then there are none."""
    console = policy_arn(settings.AWS_CONSOLE_BOUNDARY_ARN)
    return console.text if console and console.account_id == boundary.account_id else ""


def _fingerprint(row: AwsAccount, home: Aws) -> str:
    what = (
        f"{home.key_in_use()}|{row.boundary_arn}|{row.console_boundary_arn}|{row.path}|{row.role_arn}|{row.external_id}"
    )
    return hashlib.sha256(what.encode()).hexdigest()


def _unsafe(trouble: str) -> Refusal:
    return Refusal(
        why=Reason.UNSAFE_SET_UP,
        title="The set-up is not safe to issue with",
        reason=f"{trouble} Administrators see on the set-up page what to mend.",
        created_note=_NOTHING,
    )
