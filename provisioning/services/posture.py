"""How the set-up stands: our rights, the boundary, SES and the account itself. Asked now and then, kept, and shown.

Only `set_up` decides whether issuing is safe. What could not be asked is said, and keeps nobody from issuing.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar, cast

from django.db import transaction

from provisioning import audit
from provisioning.domain.arn import Kind, Principal, principal
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.own_policy import (
    Policy,
    boundary_policy,
    console_boundary_policy,
    own_policy,
    trust_policy,
)
from provisioning.domain.permission import demand
from provisioning.domain.posture import (
    ACCOUNT,
    AS_PRINTED,
    BOUNDARY,
    CONSOLE_BOUNDARY,
    DIFFERENT,
    GONE,
    KEY_AGE,
    NOTHING_FOUND,
    RIGHTS,
    WHO,
    Findings,
    Problem,
    Right,
    Unasked,
    Uncovered,
    problems_of,
)
from provisioning.domain.rights import Question, alike, forbidden, needed
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws, GatewayFault, Verdict
from provisioning.models import AwsAccount, Credential, RegionReading
from provisioning.services import console_logins, identities, set_up
from provisioning.services.each_account import in_each

T = TypeVar("T")
UNCOVERED_KEPT = 10
_MEANT = {False: Verdict.ALLOWED, True: Verdict.EXPLICIT_DENY}
_WITH_POLICIES = (Kind.USER, Kind.ROLE)


def read(*, by: Actor, account_id: str = "") -> AwsAccount:
    """Return the account of this number, else our own, with what the last look found; asks AWS nothing."""
    demand(by, Act.ACCOUNT_READ)
    other = AwsAccount.objects.elsewhere().filter(account_id=account_id).first() if account_id else None
    return other or set_up.account()


def findings_of(account: AwsAccount) -> Findings:
    """Return what the last look found, or that nothing was looked at yet."""
    found: Findings = account.findings or NOTHING_FOUND
    return NOTHING_FOUND | found  # an older look found less


def problems(account: AwsAccount) -> list[Problem]:
    """Return what the last look says needs somebody, worst first; reads nothing but `account`."""
    return problems_of(findings_of(account), account.trouble)


def policies_of(account: AwsAccount, who: Principal | None = None) -> tuple[Policy, Policy, Policy]:
    """Return the dashboard's own policy and the two boundaries, as this account should have them."""
    who = _itself(account, who or principal(account.principal_arn))
    own = own_policy(
        boundary_arn=account.boundary_arn,
        console_boundary_arn=account.console_boundary_arn,
        principal_arn=who.arn if who.kind in _WITH_POLICIES else "",
        role_arns=roles_from(account),
        **_where(account),
    )
    return own, boundary_policy(**_where(account)), console_boundary_policy(**_where(account))


def trust_of(account: AwsAccount) -> Policy | None:
    """Return the trust policy of the role that leads into `account`; None where no role does, or who we are is unknown.

    Of a role, its session does not tell the path: a dashboard that runs on a role with a path has to add that.
    """
    who = principal(set_up.account().principal_arn)
    if not account.role_arn or who.kind not in _WITH_POLICIES:
        return None
    return trust_policy(principal_arn=who.arn, external_id=account.external_id)


def roles_from(account: AwsAccount) -> list[str]:
    """Return the roles through which one goes on from here: from home into every other account, from there nowhere."""
    if account.role_arn:
        return []
    return list(AwsAccount.objects.elsewhere().order_by("role_arn").values_list("role_arn", flat=True))


def _itself(account: AwsAccount, who: Principal) -> Principal:
    """Return who we are there; the session of a role does not tell the role's path, but the account's record does."""
    return Principal(Kind.ROLE, account.role_arn, who.name) if account.role_arn else who


def _where(account: AwsAccount) -> dict[str, str]:
    return {"account_id": account.account_id, "path": account.path, "partition": account.partition}


def look_at_each(
    accounts: Iterable[AwsAccount], gateway: Aws, *, by: Actor, now: datetime, regions: Collection[str] = ()
) -> int:
    """Look at each of `accounts`; return at how many. Trouble in one is raised once the others had their turn."""

    def look_at(account: AwsAccount) -> int:
        look(gateway, by=by, now=now, regions=filter(account.covers, regions), of=account)
        return 1

    return in_each(accounts, look_at)


def look(gateway: Aws, *, by: Actor, now: datetime, regions: Iterable[str] = (), of: AwsAccount | None = None) -> None:
    """Check the set-up of `of`, look at all the rest, and keep it; raise the check's own `GatewayFault` after that.

    `regions` are read anew in SES as well. Where AWS does not let us in, the check has said so, and there is no rest.
    """
    demand(by, Act.ACCOUNT_CHECK)
    account, asking, fault = of or set_up.account(), _Asking(), None
    subject = audit.Subject(f"AWS account {account.account_id}")
    audit.require_writable(Act.ACCOUNT_CHECK, subject, by=by, at=now)  # only what has changed is an event
    try:
        account = set_up.check(gateway, by=by, now=now, of=account)
    except GatewayFault as caught:
        fault = caught
        if account.role_arn or not caught.aws_request_id:  # nobody answers this, so nobody would answer the rest
            asking.note(WHO, caught)
            _keep(account, _known(account, asking), by=by, now=now)
            raise
    if account.role_arn and not account.principal_arn:
        return
    gateway = set_up.into(account, gateway, by=by)
    for region in sorted(regions):
        reading = partial(identities.refresh, [region], by=by, account=account, gateway=gateway, now=now)
        asking.ask(f"SES in {region}", reading)
    _keep(account, _found(gateway, account, asking, now), by=by, now=now)
    if fault:
        raise fault


@dataclass
class _Asking:
    """Asks one thing after the other; what fails is noted, and the next is asked all the same."""

    unasked: list[Unasked] = field(default_factory=list)

    def ask(self, what: str, question: Callable[[], T]) -> T | None:
        """Return the answer, or None where AWS gave none."""
        try:
            return question()
        except GatewayFault as fault:
            self.note(what, fault)
            return None

    def note(self, what: str, fault: GatewayFault) -> None:
        """Note that AWS did not say."""
        noted = Unasked(what=what, code=fault.code, words=fault.words, aws_request_id=fault.aws_request_id)
        self.unasked.append(noted)

    def found(self, what: str, question: Callable[[], Mapping[str, object]]) -> Mapping[str, object]:
        """Return what is found out by asking; nothing where AWS did not answer, so that the earlier answer stays."""
        return self.ask(what, question) or {}


def _known(account: AwsAccount, asking: _Asking) -> Findings:
    """Return what earlier looks found, with what needs no question, and what is not answered this time."""
    uncovered = _uncovered(account)
    return findings_of(account) | {
        "uncovered": uncovered[:UNCOVERED_KEPT],
        "uncovered_count": len(uncovered),
        "unasked": asking.unasked,
    }


def _found(gateway: Aws, account: AwsAccount, asking: _Asking, now: datetime) -> Findings:
    known, caller = _known(account, asking), asking.ask(WHO, gateway.caller)
    if caller is None:
        return known
    who = _itself(account, principal(caller.arn))
    if who.kind != known["kind"]:  # what was found of somebody else
        known |= {"kind": who.kind, "keys": None, "key_days": None, "missing": None, "excess": None}
    own, boundary, console_boundary = policies_of(account, who)
    found = known | {
        **asking.found(KEY_AGE, partial(_key_age, gateway, who, now)),
        **asking.found(RIGHTS, partial(_rights, gateway, account, who, own)),
        **asking.found(ACCOUNT, lambda: asdict(gateway.account_summary())),
        **asking.found(BOUNDARY, lambda: {"boundary": _boundary(gateway, account.boundary_arn, boundary)}),
        **_for_console_logins(gateway, account, console_boundary, asking),
    }
    return cast("Findings", found)


def _key_age(gateway: Aws, who: Principal, now: datetime) -> Mapping[str, object]:
    """Return how many active keys we have and how old the oldest is, by the credential report."""
    made = gateway.keys_made(who.arn) if who.kind is Kind.USER else ()
    return {} if made is None else {"keys": len(made) or None, "key_days": (now - min(made)).days if made else None}


def _rights(gateway: Aws, account: AwsAccount, who: Principal, own: Policy) -> Mapping[str, object]:
    """Return which rights are missing, and which there should not be, as AWS's simulator says."""
    if who.kind not in _WITH_POLICIES:
        return {}

    def answers(question: Question) -> Iterator[tuple[Right, Verdict]]:
        asked = gateway.simulate(who.arn, question.actions, question.resource, question.context)
        for action, verdict in asked.items():
            yield Right(action=action, about=question.about, denied=question.denied), verdict

    wanted = [answer for question in needed(own) for answer in answers(question)]
    unwanted = forbidden(boundary_arn=account.boundary_arn, **_where(account))
    return {
        "missing": [right for right, verdict in wanted if verdict is not _MEANT[right["denied"]]],
        "excess": [right for each in unwanted for right, verdict in answers(each) if verdict is Verdict.ALLOWED],
    }


def _for_console_logins(gateway: Aws, account: AwsAccount, boundary: Policy, asking: _Asking) -> Mapping[str, object]:
    """Keep what the passwords and addresses of console logins need to know, and return how their boundary stands."""
    if not account.console_boundary_arn:
        return {"console_boundary": None}
    console_logins.read_account(account, gateway, asking.ask)
    stands = partial(_boundary, gateway, account.console_boundary_arn, boundary)
    return asking.found(CONSOLE_BOUNDARY, lambda: {"console_boundary": stands()})


def _boundary(gateway: Aws, arn: str, printed: Policy) -> str:
    document = gateway.policy_document(arn)
    if document is None:
        return GONE
    return AS_PRINTED if alike(document, printed) else DIFFERENT


def _uncovered(account: AwsAccount) -> list[Uncovered]:
    """Return the From entries of live credentials that no verified identity of their region covers any longer."""
    verified = dict(RegionReading.objects.of(account).values_list("region", "identities"))
    senders: Counter[tuple[str, str]] = Counter()
    live = Credential.objects.filter(account=account).holding().order_by("pk")
    for regions, entries in live.values_list("regions", "from_entries").iterator():
        senders.update((entry, region) for region in regions if region in verified for entry in entries)
    return [
        Uncovered(entry=entry, region=region, credentials=count)
        for (entry, region), count in sorted(senders.items())
        if not any(map(FromEntry.parse(entry).verified_by, verified[region]))
    ]


def _keep(account: AwsAccount, found: Findings, *, by: Actor, now: datetime) -> None:
    """Keep the findings, and write down when our rights or the boundary are others than at the last look."""
    with transaction.atomic():
        row = AwsAccount.objects.select_for_update(no_key=True, of=("self",)).get(pk=account.pk)
        before, row.findings = findings_of(row), found
        row.save(update_fields=["findings"])
        was, now_is = _standing(before), _standing(found)
        if found["unasked"] or was == now_is:
            return
        audit.record(
            Act.ACCOUNT_CHECK,
            Outcome.FAILED if any(now_is.values()) else Outcome.DONE,
            audit.Subject(f"AWS account {account.account_id}"),
            by=by,
            at=now,
            detail={"before": was, "after": now_is},
        )


def _standing(findings: Findings) -> dict[str, list[str]]:
    """Return what is wrong with our rights and the boundary, as an event keeps it."""
    return {
        "missing": [f"{right['action']} on {right['about']}" for right in findings["missing"] or []],
        "excess": [f"{right['action']} {right['about']}" for right in findings["excess"] or []],
        "boundary": [DIFFERENT] if findings["boundary"] == DIFFERENT else [],
        "console boundary": [str(stands)] if (stands := findings["console_boundary"]) in {DIFFERENT, GONE} else [],
    }
