"""Is it safe to issue here? Who we are in AWS, and whether the boundary is there."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from provisioning import audit
from provisioning.domain.arn import PolicyArn, policy_arn
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor, system
from provisioning.gateway.contract import Aws, Caller
from provisioning.models import AwsAccount

CHECK_HOLDS = timedelta(days=1)
_NOTHING = "Nothing was made."


def account() -> AwsAccount:
    """Return the account that the environment names; raise a `Refusal` where it names none."""
    boundary = _boundary()
    named = {
        "partition": boundary.partition,
        "path": settings.AWS_ACCOUNT_PATH,
        "boundary_arn": boundary.text,
        "console_boundary_arn": _console_boundary(boundary),
    }
    known = AwsAccount.objects.filter(account_id=boundary.account_id, **named).first()
    if known is not None:
        return known
    row, _ = AwsAccount.objects.update_or_create(account_id=boundary.account_id, defaults=named)
    return row


def require_safe(of: AwsAccount, gateway: Aws, *, now: datetime) -> Aws:
    """Return the gateway into `of` if it is safe to issue there; ask AWS only if the last answer is old or not of it.

    Raises a `Refusal` if it is not safe.
    """
    row = of if _is_named(of) else account()
    if of.pk != row.pk:
        raise _unsafe(f"This was reviewed for AWS account {of.account_id}. The set-up names {row.account_id} now.")
    if row.trouble or not _is_known(row, gateway, now=now):
        row = check(gateway, by=system("set-up"), now=now)
    if row.trouble:
        raise _unsafe(row.trouble)
    return gateway


def require_account(of: AwsAccount, gateway: Aws, *, now: datetime) -> Aws:
    """Return the gateway into the account `of`; raise a `Refusal` unless we sign in to it.

    Other trouble does not keep anybody from deleting.
    """
    row = account()
    if not _is_known(row, gateway, now=now) or not row.principal_arn:
        row = check(gateway, by=system("set-up"), now=now)
    found = ":".join(row.principal_arn.split(":")[4:5])
    if found != of.account_id or row.pk != of.pk:
        raise Refusal(
            why=Reason.UNSAFE_SET_UP,
            title="It is in another AWS account",
            reason=f"It was made in account {of.account_id}. The dashboard is set up for {row.account_id} and signs in "
            f"to {found or 'none'}.",
        )
    return gateway


def _is_known(row: AwsAccount, gateway: Aws, *, now: datetime) -> bool:
    """Return whether the last check is recent, and of the key and the settings that are in use."""
    fresh = row.checked_at is not None and row.checked_at > now - CHECK_HOLDS
    return fresh and row.checked_for == _fingerprint(gateway)


def check(gateway: Aws, *, by: Actor, now: datetime) -> AwsAccount:
    """Ask AWS who we are and whether the boundary is there; remember the answer."""
    demand(by, Act.ACCOUNT_CHECK)
    row = account()
    principal_arn, trouble = _findings(gateway, row)
    with transaction.atomic():
        row = AwsAccount.objects.select_for_update(no_key=True).get(pk=row.pk)
        changed = (row.principal_arn, row.trouble) != (principal_arn, trouble)
        row.principal_arn, row.trouble, row.checked_at = principal_arn, trouble, now
        row.checked_for = _fingerprint(gateway)
        row.save()
        if changed:
            audit.record(
                Act.ACCOUNT_CHECK,
                Outcome.FAILED if trouble else Outcome.DONE,
                audit.Subject(f"AWS account {row.account_id}"),
                by=by,
                at=now,
                detail={"principal": principal_arn, "boundary": row.boundary_arn, "trouble": trouble},
            )
    return row


def _is_named(row: AwsAccount) -> bool:
    """Return whether the row says what the environment does."""
    boundary = _boundary()
    named = (boundary.account_id, boundary.partition, settings.AWS_ACCOUNT_PATH, boundary.text)
    return (row.account_id, row.partition, row.path, row.boundary_arn) == named


def _findings(gateway: Aws, row: AwsAccount) -> tuple[str, str]:
    """Return our own ARN and what is wrong, as a sentence, or ""."""
    if not gateway.key_in_use():
        return "", "The AWS credential chain gives no credentials, so the dashboard cannot sign in to AWS."
    caller = gateway.caller()
    trouble = _caller_trouble(caller, row)
    if not trouble and not gateway.policy_exists(row.boundary_arn):
        trouble = f"The permissions boundary {row.boundary_arn} does not exist in AWS."
    return caller.arn, trouble


def _caller_trouble(caller: Caller, row: AwsAccount) -> str:
    if caller.is_root:
        return "The dashboard signs in as the root user of the AWS account. It must be a role or an IAM user."
    if caller.account_id != row.account_id:
        return f"The dashboard signs in to account {caller.account_id}, but its boundary is one of {row.account_id}."
    if f":user{row.path}" in caller.arn:
        return f"The dashboard's own IAM user lies under {row.path}, where it could change its own rights."
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


def _fingerprint(gateway: Aws) -> str:
    what = f"{gateway.key_in_use()}|{settings.AWS_BOUNDARY_ARN}|{settings.AWS_ACCOUNT_PATH}"
    return hashlib.sha256(what.encode()).hexdigest()


def _unsafe(trouble: str) -> Refusal:
    return Refusal(
        why=Reason.UNSAFE_SET_UP,
        title="The set-up is not safe to issue with",
        reason=f"{trouble} Administrators see on the set-up page what to mend.",
        created_note=_NOTHING,
    )
