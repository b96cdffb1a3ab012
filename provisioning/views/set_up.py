"""The set-up page: what the last check found, a check now, and the policies to paste."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from provisioning.domain.own_policy import Policy
from provisioning.domain.permission import demand, reaches
from provisioning.domain.policy_texts import BOUNDARY, CONSOLE, OWN, TRUST, Form, text_of
from provisioning.domain.posture import Unasked
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import AwsAccount, RegionReading
from provisioning.services import accounts, identities, posture
from provisioning.services.set_up import everywhere, in_use
from provisioning.views.asker import actor_of
from provisioning.views.needs import needs, things
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record

NAMED = 5  # so many identities of a region are named


@dataclass(frozen=True)
class Unanswered:
    """What AWS would not say for one and the same reason, and its request for each."""

    whats: list[str]
    code: str
    words: str
    aws_request_ids: list[str]


@dataclass(frozen=True)
class Region:
    """What SES last said of one region."""

    name: str
    in_production: bool
    sending_enabled: bool
    identities: list[str]
    more: int
    read_at: datetime


@require_safe
@on_record(Act.ACCOUNT_READ)
def page(request: HttpRequest) -> HttpResponse:
    """Show what the last check found; AWS is not asked."""
    by = actor_of(request)
    try:
        account = posture.read(by=by, account_id=request.GET.get("account", ""))
    except Refusal as refusal:
        if refusal.why is not Reason.UNSAFE_SET_UP:
            raise
        return render(request, "provisioning/set_up/unnamed.html", {"reason": refusal.reason})
    problems, findings = posture.problems(account), posture.findings_of(account)
    context = {
        "account": account,
        "others": [each for each in everywhere() if each.pk != account.pk],
        "found": findings,
        "unasked": {each["what"] for each in findings["unasked"]},
        "unanswered": _by_reason(findings["unasked"]),
        "problems": problems,
        "headline": _headline(len(problems), is_checked=account.checked_at is not None),
        "regions": [_region(reading) for reading in RegionReading.objects.of(account).order_by("region")],
        "may_check": reaches(by, Act.ACCOUNT_CHECK),
    }
    return render(request, "provisioning/set_up/page.html", context)


def _by_reason(unasked: Iterable[Unasked]) -> list[Unanswered]:
    found: dict[tuple[str, str], Unanswered] = {}
    for each in unasked:
        reason = each["code"], each["words"]
        same = found.setdefault(reason, Unanswered([], *reason, []))
        same.whats.append(each["what"])
        same.aws_request_ids.extend(filter(None, [each["aws_request_id"]]))
    return list(found.values())


def _headline(problems: int, *, is_checked: bool) -> str:
    if not is_checked:
        return "The set-up has not been checked yet"
    return f"{things(problems)} in the set-up {needs(problems)} you" if problems else "The set-up is in order"


def _region(reading: RegionReading) -> Region:
    names: list[str] = reading.identities
    more = max(0, len(names) - NAMED)
    return Region(reading.region, reading.in_production, reading.sending_enabled, names[:NAMED], more, reading.read_at)


@require_POST
@on_record(Act.ACCOUNT_CHECK)
def check(request: HttpRequest) -> HttpResponse:
    """Ask AWS now, and show what it said."""
    by, named = actor_of(request), request.POST.get("account", "")
    demand(by, Act.ACCOUNT_CHECK)
    of = [accounts.one(int(named), by=by)] if named.isdecimal() else in_use()
    try:
        posture.look_at_each(of, aws(), by=by, now=timezone.now(), regions=identities.regions_in_use())
    except GatewayFault as fault:
        spoke = f" AWS’s request {fault.aws_request_id}." if fault.aws_request_id else ""  # noqa: RUF001
        messages.error(request, f"The check could not be finished: {fault}. {fault.words}{spoke}")
    else:
        messages.info(request, "The set-up was checked just now. Below is what AWS said.")
    return see_other("aws_account", account_id=of[0].pk) if named.isdecimal() else see_other("set_up")


@require_safe
@on_record(Act.ACCOUNT_READ)
def policies(request: HttpRequest) -> HttpResponse:
    """Print the dashboard's own policy and the boundary, in the form that the reader pastes."""
    account = posture.read(by=actor_of(request), account_id=request.GET.get("account", ""))
    wanted = request.GET.get("form", "")
    form = Form(wanted) if wanted in set(Form) else Form.JSON
    documents = _policies(account)
    arns = {BOUNDARY: account.boundary_arn, CONSOLE: account.console_boundary_arn, TRUST: account.role_arn}
    context = {
        "account": account,
        "form": form,
        "forms": list(Form),
        "trust_unknown": account.role_arn and TRUST not in documents,
        "texts": [
            (which, title, note, text_of(form, pasted, arns))
            for which, title, note, pasted in _to_paste(form, documents)
        ],
    }
    return render(request, "provisioning/set_up/policies.html", context)


def _policies(account: AwsAccount) -> dict[str, Policy]:
    """Return the policies that this account needs, by their names."""
    every = dict(zip((OWN, BOUNDARY, CONSOLE), posture.policies_of(account), strict=True))
    if not account.console_boundary_arn:
        del every[CONSOLE]
    trust = posture.trust_of(account)
    return every | ({TRUST: trust} if trust else {})


_TITLES = {
    OWN: ("Own policy", "For the role or user that the dashboard signs in as, or enters this account through"),
    BOUNDARY: ("Boundary", "A managed policy of this name"),
    CONSOLE: ("Boundary of console logins", "A managed policy of this name"),
    TRUST: ("Trust policy", "Of the role, so that it lets this dashboard in, and only with its external ID"),
}


def _to_paste(form: Form, documents: dict[str, Policy]) -> list[tuple[str, str, str, dict[str, Policy]]]:
    """Return what is pasted in one piece: as JSON each policy, else one text that makes them all."""
    if form is not Form.JSON:
        note = "Makes the role and its policies" if TRUST in documents else "Makes them all as managed policies"
        return [("all", form.label, note, documents)]
    return [(which, *_TITLES[which], {which: document}) for which, document in documents.items()]
