"""What is wrong with the house itself, for administrators: the set-up, the sweeps, wider limits that wait."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, FilteredRelation, Q, QuerySet, Subquery
from django.urls import reverse

from provisioning.domain.lifecycle import State
from provisioning.domain.roles import Actor
from provisioning.models import AwsAccount, Credential, GuardrailChange, Notice, RegionReading, Team
from provisioning.services import notices, posture, set_up
from provisioning.services.clock import MOMENT
from provisioning.services.sweep_overview import Overview, overview
from provisioning.views.needs import Need

SHOWN = 4
LATELY = timedelta(days=7)


@dataclass(frozen=True)
class House:
    """The account, its regions, how many credentials are live, the sweeps; and what of it needs an administrator."""

    account: AwsAccount | None
    regions: Sequence[RegionReading]
    live: int
    sweeps: Overview
    needs: Sequence[Need]
    has_team: bool  # credentials belong to teams


def house(by: Actor, now: datetime) -> House:
    """Return how the house is; three queries, whatever it holds."""
    rows = list(_accounts_by_region(now))
    accounts = list({each.pk: each for each in rows}.values())
    account = next((each for each in accounts if not each.role_arn), None)  # the one that we sign in to
    regions = [each.reading for each in rows if each == account and hasattr(each, "reading")]
    sweeps = overview(by=by, now=now)
    needs = [*_set_up(accounts), *_late(sweeps), *_untold(account), *_second_words(by, now)]
    return House(account, regions, getattr(account, "live", 0), sweeps, needs, getattr(account, "has_team", True))


def _accounts_by_region(now: datetime) -> QuerySet[AwsAccount]:
    """Return each account once for each region that was read, or once without; with what is so in all of them."""
    unexpired = Q(expires_at=None) | Q(expires_at__gt=now)
    live = Credential.objects.filter(unexpired, state=State.LIVE)
    untold = Notice.objects.undelivered(now - LATELY).order_by("-pk").values("trouble")[:1]
    told = {"live": live.number(), "untold": Subquery(untold), "has_team": Exists(Team.objects.all())}
    found = set_up.known().annotate(**told, reading=FilteredRelation("readings"))
    joined = found.select_related("reading")  # type: ignore[misc] # annotated above
    return joined.order_by("role_arn", "-pk", "reading__region")


def _set_up(accounts: Iterable[AwsAccount]) -> Iterator[Need]:
    """Give what is broken in the set-up; what is only advice stands on its own page."""
    for account in accounts:
        if account.retired_at:
            continue
        where, name = reverse("set_up"), ""
        if account.role_arn:
            where, name = f"{where}?account={account.account_id}", f"{account.name}: "
        for problem in [each for each in posture.problems(account) if each.tone == "bad"][:SHOWN]:
            yield Need(problem.tone, "Set-up", name + problem.title, problem.text, where)


def _late(sweeps: Overview) -> Iterator[Need]:
    where = reverse("sweeps")
    if not sweeps.has_worker:
        yield Need("bad", "Sweeps", "No worker seems to run", "What is due waits: secrets, acts and mail.", where)
    elif sweeps.late:
        several = len(sweeps.late) > 1
        title = f"{', '.join(sweeps.late)}: {'these sweeps are' if several else 'this sweep is'} late"
        yield Need("warn", "Late", title, "A worker runs, but has not begun what is due.", where)
    for each in sweeps.troubled[:SHOWN]:
        title = f"The sweep {each.sweep.name} did not come to its end"
        yield Need("warn", "Trouble", title, f"{each.trouble} It tries again by itself.", where)


def _untold(account: AwsAccount | None) -> Iterator[Need]:
    """Give the mail that did not reach people who are here; the pages that made it promise that they are told."""
    trouble: str | None = getattr(account, "untold", None)  # annotated above
    if trouble == notices.NO_MAIL:
        text = "What people should have been told by mail was sent to nobody. Set EMAIL_URL, and start again."
        yield Need("warn", "Mail", "No mail is set up", text, reverse("notices"))
    elif trouble:
        why = trouble.partition(": ")[2]
        text = f"The mail server did not take what people should have been told: {why}."
        yield Need("warn", "Mail", "Mail was not delivered", text, f"{reverse('notices')}?state=not-sent")


def _second_words(by: Actor, now: datetime) -> Iterator[Need]:
    """Give the wider guardrails of others that wait for a second administrator."""
    for change in GuardrailChange.objects.waiting(now).exclude(by=by.person_id).select_related("team", "by")[:SHOWN]:
        title = f"{change.team.name}: its guardrail was widened"
        text = f"{change.by.email} cannot issue under it until {change.waits_until:{MOMENT}}, or until you agree."
        where = reverse("guardrail_confirmation", args=(change.team.slug,))
        yield Need("warn", "Agree", title, text, where, "Read it")
