"""AWS accounts beside the one that the environment names: added, changed and retired, each entered through a role."""

import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from guidance.regions import REGIONS
from provisioning import audit
from provisioning.domain.arn import PolicyArn, RoleArn, policy_arn, role_arn
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.naming import account_path_trouble
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import AwsAccount, Credential
from provisioning.services import administrators, set_up

_EXTERNAL_ID_BYTES = 24
_UNCHECKED = {"checked_at": None, "checked_for": "", "principal_arn": "", "trouble": "", "findings": None}
# What the role's own policy is made of: another value would let go of what was made under the old one.
_HELD_TO = {"path": "path", "boundary_arn": "boundary", "console_boundary_arn": "boundary of console logins"}


@dataclass(frozen=True)
class Wanted:
    """What an administrator says of an account. The external ID is never theirs to choose."""

    name: str
    role_arn: str
    path: str
    boundary_arn: str
    regions: tuple[str, ...]
    console_boundary_arn: str = ""

    @property
    def kept(self) -> dict[str, object]:
        """The same as the columns that keep it."""
        return {**asdict(self), "regions": sorted(self.regions)}


def add(wanted: Wanted, *, by: Actor, now: datetime) -> AwsAccount:
    """Add an account, with an external ID of its own; nothing is asked of AWS. Raises a `Refusal`."""
    with audit.refusals_recorded(Act.ACCOUNT_ADD, audit.Subject(wanted.name), by=by, at=now), transaction.atomic():
        demand(by, Act.ACCOUNT_ADD)
        administrators.hold(by)
        role = _require_sound(wanted)
        if AwsAccount.objects.filter(account_id=role.account_id).exists():
            raise _not_so(Breach("role_arn", f"Account {role.account_id} is here already."))
        account = AwsAccount.objects.create(
            account_id=role.account_id,
            partition=role.partition,
            external_id=secrets.token_hex(_EXTERNAL_ID_BYTES),
            **wanted.kept,
        )
        detail = {"before": None, "after": {**wanted.kept, "external_id": account.external_id}}
        audit.record(Act.ACCOUNT_ADD, Outcome.DONE, _subject(account), by=by, at=now, detail=detail)
    return account


def change(account_pk: int, wanted: Wanted, *, by: Actor, now: datetime) -> AwsAccount:
    """Change an account; the same again changes nothing. Whatever leads into it is checked anew before it is used."""
    subject = audit.Subject(f"AWS account {account_pk}")
    with audit.refusals_recorded(Act.ACCOUNT_CHANGE, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.ACCOUNT_CHANGE)
        administrators.hold(by)
        account = _locked(account_pk)
        before = _kept(account)
        if before == wanted.kept:
            return account
        role = _require_sound(wanted, but=account.pk)
        if found := [*_of_another(role, account), *_let_go(wanted, account)]:
            raise _not_so(*found)
        changed = {name: value for name, value in wanted.kept.items() if value != before[name]}
        unchecked = _UNCHECKED if set(changed) - {"name", "regions"} else {}
        for name, value in (changed | unchecked).items():
            setattr(account, name, value)
        account.save(update_fields=[*changed, *unchecked])
        detail = {"before": {name: before[name] for name in changed}, "after": changed}
        audit.record(Act.ACCOUNT_CHANGE, Outcome.DONE, _subject(account), by=by, at=now, detail=detail)
    return account


def retire(account_pk: int, *, by: Actor, now: datetime) -> AwsAccount:
    """Let nothing new be made in an account. What is there stays, and can still be revoked. Twice is once."""
    subject = audit.Subject(f"AWS account {account_pk}")
    with audit.refusals_recorded(Act.ACCOUNT_RETIRE, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.ACCOUNT_RETIRE)
        administrators.hold(by)
        account = _locked(account_pk)
        if account.retired_at is None:
            account.retired_at = now
            account.save(update_fields=["retired_at"])
            detail = {"before": {"in use": True}, "after": {"in use": False, "held": held(account)}}
            audit.record(Act.ACCOUNT_RETIRE, Outcome.DONE, _subject(account), by=by, at=now, detail=detail)
    return account


def held(account: AwsAccount) -> int:
    """Return how many credentials are in the account, whether they work or not."""
    return Credential.objects.holding().filter(account=account).count()


def one(account_pk: int, *, by: Actor) -> AwsAccount:
    """Return an account that is entered through a role; raise a `Refusal` if there is none, or `by` may not see it."""
    demand(by, Act.ACCOUNT_READ)
    account = AwsAccount.objects.elsewhere().filter(pk=account_pk).first()
    if account is None:
        raise not_there("AWS account")
    return account


def _locked(account_pk: int) -> AwsAccount:
    account = AwsAccount.objects.elsewhere().select_for_update(no_key=True).filter(pk=account_pk).first()
    if account is None:
        raise not_there("AWS account")
    return account


def _kept(account: AwsAccount) -> dict[str, object]:
    names = Wanted.__dataclass_fields__
    return {name: getattr(account, name) for name in names}


def _require_sound(wanted: Wanted, *, but: int | None = None) -> RoleArn:
    """Return the role that was named; raise a `Refusal` naming all that is not as it must be."""
    role = role_arn(wanted.role_arn)
    found = [*_names(wanted, but), *_role_breaches(role)]
    if role is not None:
        found += [*_regions(wanted.regions, role), *_boundary("boundary_arn", wanted.boundary_arn, role)]
        if wanted.console_boundary_arn:
            found += [*_boundary("console_boundary_arn", wanted.console_boundary_arn, role)]
    if found or role is None:
        raise _not_so(*found)
    return role


def _names(wanted: Wanted, but: int | None) -> Iterator[Breach]:
    if AwsAccount.objects.filter(name__iexact=wanted.name).exclude(pk__in=[but]).exists():
        yield Breach("name", f"There is an account called {wanted.name} already.")
    if trouble := account_path_trouble(wanted.path):
        yield Breach("path", trouble)


def _role_breaches(role: RoleArn | None) -> Iterator[Breach]:
    home = set_up.account()
    if role is None:
        text = "Not the ARN of a role, such as arn:aws:iam::123456789012:role/sescreds."
        yield Breach("role_arn", text)
    elif role.account_id == home.account_id:
        text = f"The dashboard signs in to {role.account_id} already. Name a role in another account."
        yield Breach("role_arn", text)
    elif role.partition != home.partition:
        text = f"Roles lead nowhere from partition {home.partition} into {role.partition}: AWS keeps them apart."
        yield Breach("role_arn", text)


def _regions(wanted: tuple[str, ...], role: RoleArn) -> Iterator[Breach]:
    for region in wanted:
        if region not in REGIONS or REGIONS[region].partition != role.partition:
            yield Breach("regions", f"The role is in partition {role.partition}, and {region} is not.")


def _boundary(field: str, text: str, role: RoleArn) -> Iterator[Breach]:
    arn: PolicyArn | None = policy_arn(text)
    if arn is None:
        yield Breach(field, "Not the ARN of a managed policy of an account.")
    elif (arn.account_id, arn.partition) != (role.account_id, role.partition):
        yield Breach(field, f"The boundary must be a policy of account {role.account_id}, where the role is.")


def _of_another(role: RoleArn, account: AwsAccount) -> Iterator[Breach]:
    if role.account_id != account.account_id:
        text = f"This role is in account {role.account_id}. Add that as an account of its own."
        yield Breach("role_arn", text)


def _let_go(wanted: Wanted, account: AwsAccount) -> Iterator[Breach]:
    changed = {name: words for name, words in _HELD_TO.items() if getattr(account, name) != getattr(wanted, name)}
    count = held(account) if changed else 0
    for name, words in changed.items():
        if count and getattr(account, name):
            text = f"The {words} stays while credentials are in this account, now {count}: they were made under it."
            yield Breach(name, text)


def _subject(account: AwsAccount) -> audit.Subject:
    return audit.Subject(f"AWS account {account.label}")


def _not_so(*breaches: Breach) -> Refusal:
    return Refusal(
        why=Reason.NOT_NOW,
        title="The account cannot be so",
        reason=" ".join(breach.text for breach in breaches),
        breaches=breaches,
    )
