"""Describing a credential: everything exact is worked out and shown before anything exists in AWS."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from guidance import regions as catalogue
from guidance.catalogue import Kind
from provisioning import audit
from provisioning.domain import api_policy, naming, policies, sending_policy
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Wish
from provisioning.domain.guardrails import breaches as guardrail_breaches
from provisioning.domain.permission import Target, demand, not_there
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import AwsAccount, Credential, CredentialRequest, Team
from provisioning.services import identities, reviews, set_up, widening

_NO_CONSOLE_BOUNDARY = "The set-up of AWS account {} names no boundary for console logins, so none can be issued there."


@dataclass(frozen=True)
class Description:
    """What somebody typed, in shape but not yet within limits."""

    team_id: int
    application: str
    purpose: str
    regions: tuple[str, ...]
    from_entries: tuple[FromEntry, ...]
    lifetime_days: int | None
    kind: Kind = Kind.SMTP
    options: Mapping[str, Any] = field(default_factory=dict)  # what only its kind has
    account_id: int | None = None  # None: the account that we sign in to

    @property
    def wish(self) -> Wish:
        """What the guardrail judges."""
        return Wish(self.kind, self.regions, self.from_entries, self.lifetime_days, self.options)


def prepare(description: Description, *, by: Actor, now: datetime) -> CredentialRequest:
    """Return the review of `description`, which holds for an hour; raise a `Refusal` that says what to change."""
    subject = audit.Subject(description.application)
    with audit.refusals_recorded(Act.CREDENTIAL_PREPARE, subject, by=by, at=now):
        request = worked_out(description, Act.CREDENTIAL_PREPARE, by=by, now=now)
        widening.require_second_word(request.team, by=by, now=now)
        require_within_limits(request)
        return reviews.keep(request, now=now)


def worked_out(description: Description, act: Act, *, by: Actor, now: datetime) -> CredentialRequest:
    """Return what `description` comes to, exactly, unjudged and not kept yet, if `by` may do `act` in its team."""
    demand(by, act)
    team = Team.objects.where_may(by, act).filter(pk=description.team_id).first()
    if team is None:
        raise not_there("team")
    demand(by, act, Target(team_id=team.pk, person_id=by.person_id))
    return _exact(description, team, _account(description.account_id), by=by, now=now)


def require_within_limits(request: CredentialRequest) -> None:
    """Raise a `Refusal` naming every limit that it breaks: the guardrail, SMTP endpoints, verified identities."""
    refuse(
        (*_named(request), *outside(request), *never_breaches(request.account, request.wish)) or _unverified(request)
    )


def require_possible(request: CredentialRequest) -> None:
    """Raise a `Refusal` naming what nobody can approve: its name, its size, SMTP endpoints, verified identities."""
    refuse((*_named(request), *never_breaches(request.account, request.wish)) or _unverified(request))


def require_decidable(request: CredentialRequest) -> None:
    """Raise a `Refusal` like `require_possible`, but leave out what is not known yet: the issue asks for that again."""
    never = (*_named(request), *never_breaches(request.account, request.wish))
    refuse(never or identities.uncovered(request.account, request.wish))


def outside(request: CredentialRequest, live: int | None = None) -> tuple[Breach, ...]:
    """Return what of it lies outside the guardrail of its team now; `live`: how many that team holds, if known."""
    if live is None:
        live = Credential.objects.holding().filter(team=request.team_id).count()
    found = guardrail_breaches(request.team.guardrail, request.wish, live)
    return tuple(replace(breach, may_be_approved=True) for breach in found)


def refuse(found: tuple[Breach, ...]) -> None:
    """Raise a `Refusal` that says what was found, if anything was."""
    if found:
        raise Refusal(
            why=Reason.OUTSIDE_GUARDRAIL,
            title="Not within the limits",
            reason=" ".join(breach.text for breach in found),
            breaches=found,
            created_note="Nothing was made. What you typed is kept.",
        )


def breaches_so_far(wish: Wish, team: Team, account_id: int | None, *, asks: bool) -> tuple[Breach, ...]:
    """Return what is wrong already with a wish that is not in shape yet; an administrator can be asked for the rest."""
    account = _account(account_id)
    live = Credential.objects.holding().filter(team=team).count()
    outside_it = () if asks else guardrail_breaches(team.guardrail, wish, live)
    return (*outside_it, *never_breaches(account, wish)) or identities.uncovered(account, wish)


def bring_up_to_date(request: CredentialRequest, now: datetime) -> None:
    """Work out anew, from now on, what depends on the time and on the set-up; nothing is saved."""
    days, account = request.lifetime_days, request.account
    request.expires_at = None if days is None else now.replace(microsecond=0) + timedelta(days=days)
    request.path = naming.user_path(account.path, request.team.slug)
    request.boundary_arn = account.boundary_for(request.kind)
    request.policy = policy_text(
        account,
        Kind(request.kind),
        regions=request.regions,
        from_entries=request.from_entries,
        expires_at=request.expires_at,
        options=request.options,
    )
    request.reviewed_at = now


def _exact(description: Description, team: Team, account: AwsAccount, *, by: Actor, now: datetime) -> CredentialRequest:
    request_id = uuid4()
    request = CredentialRequest(
        id=request_id,
        person_id=person(by),
        team=team,
        account=account,
        kind=description.kind,
        application=description.application,
        purpose=description.purpose,
        regions=list(description.regions),
        from_entries=[str(entry) for entry in description.from_entries],
        options=dict(description.options),
        lifetime_days=description.lifetime_days,
        user_name=naming.user_name(team.slug, description.application, request_id),
        tags=naming.tags(act_id=request_id, team_id=team.pk),
    )
    bring_up_to_date(request, now)
    return request


def person(by: Actor) -> int:
    """Return who describes a credential: always a person."""
    if by.person_id is None:
        raise TypeError("only people describe credentials")
    return by.person_id


def _named(request: CredentialRequest) -> tuple[Breach, ...]:
    trouble = naming.application_trouble(request.application)
    named = (Breach("application", trouble),) if trouble else ()
    return (*named, *size_breaches(request.policy))


def _unverified(request: CredentialRequest) -> tuple[Breach, ...]:
    return identities.breaches(request.account, request.wish)


def size_breaches(policy: str) -> tuple[Breach, ...]:
    """Return that `policy` is longer than IAM takes, if it is."""
    size = sending_policy.size(policy)
    if size <= sending_policy.SIZE_LIMIT:
        return ()
    text = f"The policy would have {size:,} of at most {sending_policy.SIZE_LIMIT:,} characters. "
    return (Breach("from_addresses", text + "Use fewer From addresses or fewer regions."),)


def _account(account_id: int | None) -> AwsAccount:
    if account_id is None:
        return set_up.account()
    account = next((each for each in set_up.in_use() if each.pk == account_id), None)
    if account is None:
        raise not_there("AWS account")
    return account


def never_breaches(account: AwsAccount, wish: Wish) -> tuple[Breach, ...]:
    """Return what cannot be of that kind or in that account, whoever wishes for it."""
    unused = [region for region in wish.regions if not account.covers(region)]
    words = tuple(Breach("regions", f"AWS account {account.label} is not used in {region}.") for region in unused)
    if wish.kind is Kind.API:
        return (*words, *api_policy.breaches(wish.options, wish.from_entries))
    if wish.kind is Kind.CONSOLE:
        return () if account.console_boundary_arn else (Breach("kind", _NO_CONSOLE_BOUNDARY.format(account.label)),)
    return (*words, *_endpoint_breaches(wish))


def _endpoint_breaches(wish: Wish) -> tuple[Breach, ...]:
    known = [catalogue.REGIONS[region] for region in wish.regions if region in catalogue.REGIONS]
    return tuple(Breach("regions", f"{each.no_smtp}.") for each in known if each.no_smtp)


def require_current(request: CredentialRequest, *, at: datetime, is_unchanged: bool = True) -> None:
    """Raise a `Refusal` if the review is too old, or no longer says what would be made."""
    if request.is_stale(at) or not is_unchanged:
        raise Refusal(
            why=Reason.NOT_NOW,
            title="This review is out of date",
            reason="It was made too long ago, or something that it shows has changed since. Review it again.",
            created_note="Nothing was made.",
        )


def policy_text(
    account: AwsAccount,
    kind: Kind,
    *,
    regions: Iterable[str],
    from_entries: Iterable[str],
    expires_at: datetime | None,
    options: Mapping[str, Any],
) -> str:
    """Return the exact policy of a credential with these properties, as it is shown and sent to AWS."""
    scope = policies.Scope(
        partition=account.partition,
        account_id=account.account_id,
        regions=regions,
        from_entries=from_entries,
        expires_at=expires_at,
        options=options,
    )
    return sending_policy.as_text(policies.policy(kind, scope))


def policy_of(credential: Credential, **changes: Any) -> str:  # noqa: ANN401
    """Return the exact policy of a credential as it is, or as it would be with `changes` (`policy_text`'s words)."""
    present: dict[str, Any] = {
        "regions": credential.regions,
        "from_entries": credential.from_entries,
        "expires_at": credential.expires_at,
        "options": credential.options,
    }
    return policy_text(credential.account, Kind(credential.kind), **present | changes)


def policy_hash(policy: str) -> str:
    """Return the digest of a policy text by which the history knows it."""
    return hashlib.sha256(policy.encode()).hexdigest()


def another_like(request: CredentialRequest) -> dict[str, object]:
    """Return the answers of a request as the form takes them, to start again with the same."""
    return {
        "kind": request.kind,
        "account": request.account_id,
        "team": request.team.slug,
        "application": request.application,
        "purpose": request.purpose,
        "regions": request.regions,
        "from_addresses": "\n".join(request.from_entries),
        "lifetime_days": request.lifetime_days,
        **request.options,
    }


def own(request_id: UUID, *, by: Actor) -> CredentialRequest:
    """Return the request if `by` made it; to everybody else it does not exist."""
    request = (
        CredentialRequest.objects.select_related("team", "account").filter(pk=request_id, person_id=person(by)).first()
    )
    if request is None:
        raise not_there("hand-over")
    return request
