"""Retiring: once everything uses the new key, the old one is made inactive, watched, and deleted two weeks later."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from provisioning import audit
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor, system
from provisioning.gateway.contract import Aws, GatewayFault, KeyLastUse
from provisioning.models import AccessKey, Claim, Credential
from provisioning.models.access_key import AccessKeyQuerySet
from provisioning.services import claiming, in_aws, key_refusals, set_up
from provisioning.services.amending import NOTHING, Amendment, Call, Change, amend
from provisioning.services.claiming import Pressed
from provisioning.services.clock import Clock, real_time
from provisioning.services.watching import Watched, newest_beside, require_live, subject_of, watch, watch_retired

log = logging.getLogger(__name__)

WATCHED_FOR = timedelta(days=14)  # how long a retired key can be reactivated
# "Not there" so soon after a key was made is propagation, and AWS is asked until that is over.
_YOUNG = timedelta(minutes=1)
_UNSEEN_FOR = 30.0


def switch_over(credential_id: int, late: str = "", *, by: Actor, now: datetime) -> None:
    """Note that everything uses the newest key from now on; the other may be retired then.

    Said once more, it needs `late`, what had been forgotten: from then on older uses of the other key count no more.
    """
    known = Credential.objects.visible_to(by).select_related("team").filter(pk=credential_id).first()
    with audit.refusals_recorded(Act.CREDENTIAL_SWITCH, subject_of(known, credential_id), by=by, at=now):
        demand(by, Act.CREDENTIAL_SWITCH)
        if known is None:
            raise not_there("credential")
        demand(by, Act.CREDENTIAL_SWITCH, known.target)
        with transaction.atomic():
            credential = claiming.locked(credential_id, Act.CREDENTIAL_SWITCH, by=by)
            claiming.require_free(credential)
            newest = require_switchable(credential, by=by, now=now)
            if newest.cut_over_at is not None and not late.strip():
                raise key_refusals.said_before(newest)
            AccessKey.objects.filter(pk=newest.pk).update(cut_over_at=now)
            before = newest.cut_over_at.isoformat() if newest.cut_over_at else None
            detail = {"key": newest.key_id, "before": before, "late": late.strip()}
            audit.record(Act.CREDENTIAL_SWITCH, Outcome.DONE, subject_of(credential), by=by, at=now, detail=detail)


def require_switchable(credential: Credential, *, by: Actor, now: datetime) -> AccessKey:
    """Return the key that everything may use from now on; raise a `Refusal` if there is none beside an old one."""
    require_live(credential, now)
    return newest_beside(credential, list(credential.keys.in_use()), by=by)


def retire(
    credential_id: int, key_id: str, reason: str = "", *, by: Actor, gateway: Aws, clock: Clock = real_time
) -> Pressed:
    """Make the old key inactive if nothing uses it any more, or any all the same, with a `reason`. Twice is once."""
    watched = watch(credential_id, key_id, by=by, gateway=gateway, now=clock())
    if watched.is_gone:
        return delete(watched.key, by=system("retirement"), gateway=gateway, clock=clock)
    with audit.refusals_recorded(Act.CREDENTIAL_RETIRE, subject_of(watched.key.credential), by=by, at=clock()):
        if watched.key.retired_at is None and not reason:
            _require_needless(watched)

    def decide(credential: Credential) -> Change | None:
        key = credential.keys.kept().filter(pk=watched.key.pk).first()
        if key is None or key.retired_at is not None:
            return None
        require_switchable(credential, by=by, now=clock())
        used = watched.last.used_at.isoformat() if watched.last else None
        return Change(
            {"key": key.key_id, "retired": False},
            {"key": key.key_id, "retired": True, "last_used": used, "reason": reason},
        )

    return amend(RETIREMENT, credential_id, decide, by=by, gateway=gateway, clock=clock)


def _require_needless(watched: Watched) -> None:
    """Raise a `Refusal` if it is the key that everything has switched to, or something has used it since."""
    if watched.old:
        raise key_refusals.is_the_new_one(watched, watched.old)
    if watched.used:
        raise key_refusals.still_used(watched, watched.used)


def reactivate(credential_id: int, key_id: str = "", *, by: Actor, gateway: Aws, clock: Clock = real_time) -> Pressed:
    """Let a retired key work again; it is deleted no more. Twice is once. An empty `key_id`: whichever is retired."""

    def decide(credential: Credential) -> Change | None:
        require_live(credential, clock())
        if _works_again(credential, key_id):
            return None
        key = require_retired(credential, key_id, now=clock())
        return Change({"key": key.key_id, "retired": True}, {"key": key.key_id, "retired": False})

    return amend(REACTIVATION, credential_id, decide, by=by, gateway=gateway, clock=clock)


def require_retired(credential: Credential, key_id: str = "", *, now: datetime) -> AccessKey:
    """Return the key that can be reactivated; raise a `Refusal` if there is none. An empty `key_id`: whichever."""
    require_live(credential, now)
    key = _retired(credential, key_id)
    if key is None:
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{credential.application} has no retired key",
            reason="A retired key can be reactivated until it is deleted. What is deleted cannot come back: rotate, to "
            "get another.",
            created_note=NOTHING,
        )
    return key


def delete_now(
    credential_id: int, key_id: str = "", reason: str = "", *, by: Actor, gateway: Aws, clock: Clock = real_time
) -> Pressed:
    """Delete a retired key without waiting for the end of its watch, so that there is room for another.

    What was used since it was retired is deleted only with a `reason`. Twice is once. An empty `key_id` means
    whichever is retired.
    """
    now = clock()
    known = Credential.objects.visible_to(by).select_related("team", "account").filter(pk=credential_id).first()
    with audit.refusals_recorded(Act.CREDENTIAL_RETIRE, subject_of(known, credential_id), by=by, at=now):
        demand(by, Act.CREDENTIAL_RETIRE)
        if known is None:
            raise not_there("credential")
        demand(by, Act.CREDENTIAL_RETIRE, known.target)
        if not reason:
            _require_unused(_retired(known, key_id), gateway=gateway, now=now)
        with transaction.atomic():
            credential = claiming.locked(credential_id, Act.CREDENTIAL_RETIRE, by=by)
            claiming.require_free(credential, but=Act.KEY_DELETE)
            key = _retired(credential, key_id)
            if key is None:
                _require_gone(credential, key_id)
                return Pressed.ALREADY
            AccessKey.objects.filter(pk=key.pk).update(delete_due_at=now)
            used = key.used_since_at.isoformat() if key.used_since_at else None
            words = f"to be deleted now: {reason}" if reason else "to be deleted now"
            detail = {"key": key.key_id, "used_since": used, "reason": words}
            audit.record(Act.CREDENTIAL_RETIRE, Outcome.DONE, subject_of(credential), by=by, at=now, detail=detail)
    return delete(key, by=system("retirement"), gateway=gateway, clock=clock, if_due=True)


def delete(key: AccessKey, *, by: Actor, gateway: Aws, clock: Clock = real_time, if_due: bool = False) -> Pressed:
    """Delete one key of a credential that stays; with `if_due` only if it is still to be deleted. Twice is once."""

    def decide(credential: Credential) -> Change | None:
        kept = credential.keys.kept().filter(pk=key.pk)
        if not (kept.to_delete(clock()) if if_due else kept).exists():
            return None
        return Change({"key": key.key_id, "deleted": False}, {"key": key.key_id, "deleted": True})

    return amend(KEY_DELETION, key.credential_id, decide, by=by, gateway=gateway, clock=clock)


def delete_due(*, by: Actor, gateway: Aws, clock: Clock) -> int:
    """Delete the retired keys whose time is over and that nothing has used since; return how many."""
    demand(by, Act.KEY_DELETE)
    deleted, unreached = 0, set[int]()
    for key in AccessKey.objects.to_delete(clock()).select_related("credential__account", "credential__team"):
        if key.credential.account_id in unreached:
            continue
        try:
            deleted += _delete_due(key, by=by, gateway=gateway, clock=clock)
        except (GatewayFault, Refusal) as trouble:
            log.warning("key_not_deleted", extra={"key": key.key_id, "trouble": str(trouble)})
            if isinstance(trouble, Refusal) and trouble.why is Reason.HISTORY_UNWRITABLE:
                raise
            if isinstance(trouble, GatewayFault) and not trouble.aws_request_id:
                unreached.add(key.credential.account_id)  # the others there would only wait for that too
    return deleted


def _delete_due(key: AccessKey, *, by: Actor, gateway: Aws, clock: Clock) -> bool:
    """Somebody may have made a retired key active in AWS by hand: what was used since is not deleted."""
    if key.retired_at is not None:
        used = watch_retired(key, key.retired_at, gateway=gateway, now=clock()).used
        if used is not None and not _is_over(key, used, gateway, now=clock()):
            as_it_was = AccessKey.objects.to_delete(clock()).filter(pk=key.pk, retired_at=key.retired_at)
            if not as_it_was.update(delete_due_at=clock() + WATCHED_FOR, used_since_at=used.used_at):
                return False  # somebody has reactivated it meanwhile
            with audit.refusals_recorded(Act.KEY_DELETE, subject_of(key.credential), by=by, at=clock()):
                raise key_refusals.used_since(key, used, WATCHED_FOR)
    delete(key, by=by, gateway=gateway, clock=clock, if_due=True)
    return True


def _is_over(key: AccessKey, used: KeyLastUse, gateway: Aws, *, now: datetime) -> bool:
    """Return whether a use was noted a whole watch ago, none came after it, and the key is inactive in AWS by now."""
    if key.used_since_at is None or used.used_at > key.used_since_at:
        return False
    inside = set_up.require_account(key.credential.account, gateway, now=now)
    return all(not each.is_active for each in in_aws.keys_of(key.credential, inside) if each.key_id == key.key_id)


def _require_unused(key: AccessKey | None, *, gateway: Aws, now: datetime) -> None:
    """Raise a `Refusal`, and keep what was seen, if something has used the key since it was retired."""
    if key is None or key.retired_at is None:
        return
    used = watch_retired(key, key.retired_at, gateway=gateway, now=now).used
    if used is not None:
        AccessKey.objects.filter(pk=key.pk, retired_at=key.retired_at).update(used_since_at=used.used_at)
        raise key_refusals.used_before_its_deletion(key, used)


def _retired(credential: Credential, key_id: str) -> AccessKey | None:
    retired = credential.keys.kept().exclude(retired_at=None)
    return (retired.filter(key_id=key_id) if key_id else retired).last()


def _works_again(credential: Credential, key_id: str) -> bool:
    if _retired(credential, key_id) is not None:
        return False
    in_use = credential.keys.in_use()
    return in_use.filter(key_id=key_id).exists() if key_id else in_use.count() > 1


def _require_gone(credential: Credential, key_id: str) -> None:
    """Raise a `Refusal` if the key that was to be deleted works again by now."""
    if credential.keys.in_use().filter(key_id=key_id).exists():
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{key_id} is not retired any more",
            reason="Somebody has reactivated it since this page was opened, so it is not deleted. Retire it first.",
            created_note=NOTHING,
        )


def _status(credential: Credential, after: Mapping[str, object]) -> list[Call]:
    key_id, active = str(after["key"]), not after["retired"]
    return [Call("UpdateAccessKey", key_id, partial(_set, credential.user_name, key_id, active), names_a_key=True)]


def _set(user_name: str, key_id: str, active: bool, gateway: Aws) -> None:  # noqa: FBT001 - bound by partial
    gateway.set_key_status(user_name, key_id, active=active)


def _deletion(credential: Credential, after: Mapping[str, object]) -> list[Call]:
    key_id = str(after["key"])

    def delete_it(gateway: Aws) -> None:
        is_young = credential.keys.filter(key_id=key_id, made_at__gt=timezone.now() - _YOUNG).exists()
        gateway.delete_key(credential.user_name, key_id, unseen_for=_UNSEEN_FOR if is_young else 0.0)

    return [Call("DeleteAccessKey", key_id, delete_it, names_a_key=True)]


def _key_of(claim: Claim) -> AccessKeyQuerySet:
    return AccessKey.objects.filter(key_id=(claim.change or {})["after"]["key"])


def _remember_retired(claim: Claim, now: datetime) -> None:
    _key_of(claim).update(retired_at=now, stopped_at=now, delete_due_at=now + WATCHED_FOR, used_since_at=None)


def _remember_reactivated(claim: Claim, _now: datetime) -> None:
    _key_of(claim).update(retired_at=None, stopped_at=None, delete_due_at=None, used_since_at=None)


def _remember_deleted(claim: Claim, now: datetime) -> None:
    _key_of(claim).update(deleted_at=now)


RETIREMENT = Amendment(Act.CREDENTIAL_RETIRE, _status, _remember_retired)
REACTIVATION = Amendment(Act.CREDENTIAL_REACTIVATE, _status, _remember_reactivated)
KEY_DELETION = Amendment(Act.KEY_DELETE, _deletion, _remember_deleted)
