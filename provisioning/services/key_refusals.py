"""Why a key is not retired or deleted as it is, in words, and what it takes all the same."""

from datetime import timedelta

from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.gateway.contract import KeyLastUse
from provisioning.models import AccessKey
from provisioning.services.amending import NOTHING
from provisioning.services.clock import MOMENT
from provisioning.services.watching import Watched


def said_before(newest: AccessKey) -> Refusal:
    """Return what it takes to say once more that everything has switched."""
    words = "Say what had been forgotten. Uses of the old key before now will then not count against retiring it."
    return Refusal(
        why=Reason.NOT_NOW,
        title="Everything had switched already",
        reason=f"That was said on {newest.cut_over_at:{MOMENT}}, and uses of the old key since then are those of hosts "
        "that were forgotten.",
        breaches=(Breach("late", words),),
        created_note=NOTHING,
    )


def still_used(watched: Watched, last: KeyLastUse) -> Refusal:
    """Return why an old key is not retired without a reason."""
    return Refusal(
        why=Reason.NOT_NOW,
        title=f"{watched.key.key_id} is still in use",
        reason=f"It was last used on {last.used_at:{MOMENT}}, over {watched.service} in {last.region}. Everything was "
        f"to use the other key from {watched.since:{MOMENT}}. Find what still signs in with the old one and switch it.",
        breaches=(Breach("reason", "To retire it all the same, say why: whatever still uses it stops sending."),),
        created_note=NOTHING,
    )


def is_the_new_one(watched: Watched, old: AccessKey) -> Refusal:
    """Return why a new key is not retired without a reason, used or not."""
    since = f"{watched.since:{MOMENT}}"
    switched = f"Everything was switched to it on {since}" if watched.is_said else f"It was stored on {since} for use"
    return Refusal(
        why=Reason.NOT_NOW,
        title=f"{watched.key.key_id} is the new key",
        reason=f"{switched}, so whatever uses it stops sending at once. What ends a rotation is to retire the old one, "
        f"{old.key_id}.",
        breaches=(Breach("reason", "To retire the new key all the same, say why: whatever uses it stops sending."),),
        created_note=NOTHING,
    )


def used_since(key: AccessKey, last: KeyLastUse, stays_for: timedelta) -> Refusal:
    """Return why the watch over a retired key does not end with its deletion."""
    return Refusal(
        why=Reason.NOT_NOW,
        title=f"{key.key_id} was used since it was retired",
        reason=f"{_seen(last)} It stays for another {stays_for.days} days. Reactivate it here, or make it inactive in "
        "AWS.",
        created_note=NOTHING,
    )


def used_before_its_deletion(key: AccessKey, last: KeyLastUse) -> Refusal:
    """Return what somebody is told who wants it deleted now, and how they can have it all the same."""
    return Refusal(
        why=Reason.NOT_NOW,
        title=f"{key.key_id} was used since it was retired",
        reason=f"{_seen(last)} Reactivate it and switch what uses it, then retire it again.",
        breaches=(Breach("reason", "To delete it all the same, say why: whatever uses it stops for good."),),
        created_note=NOTHING,
    )


def _seen(last: KeyLastUse) -> str:
    return f"AWS saw it used on {last.used_at:{MOMENT}}, so somebody made it active there by hand."
