"""Who holds what: the list of credentials, one of them, and all as a file."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from guidance.catalogue import Kind
from provisioning.domain.lifecycle import STAYING, Outcome, State
from provisioning.domain.permission import demand, not_there, reaches
from provisioning.domain.roles import Act, Actor
from provisioning.forms.filters import CredentialFilter
from provisioning.models import AccessKey, AuditEvent, Claim, Credential, Handover, Team
from provisioning.models.credential import CredentialQuerySet
from provisioning.services import claiming, console_logins, expiry, renewals, set_up, watching
from provisioning.services.extension import is_extendable
from provisioning.views.asker import actor_of
from provisioning.views.exports import as_csv
from provisioning.views.leaves import leaf
from provisioning.views.progress import progress
from provisioning.views.recording import on_record
from provisioning.views.secret_words import verified_as
from provisioning.views.stopped_by import stop_of
from provisioning.views.telling import story

ROWS = 12
EVENTS_SHOWN = 24
COLUMNS = (
    "id", "application", "IAM user name", "path", "team", "owner", "kind", "state", "regions", "from",
    "purpose", "issued (UTC)", "expires (UTC)", "ended (UTC)", "last used (UTC)", "last used as of (UTC)",
    "access key IDs", "oldest key (days)", "AWS account",
)  # fmt: skip


@require_safe
@on_record(Act.CREDENTIAL_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Show a page of credentials, newest first."""
    by = actor_of(request)
    demand(by, Act.CREDENTIAL_READ)
    now = timezone.now()
    found = _wanted(request, by).prefetch_related("keys").select_related("team", "owner", "account")
    page, read = leaf(request, found, ROWS), dict(set_up.known().values_list("pk", "uses_read_at"))
    rows = [(credential, credential.shown_state(now), oldest_key_days(credential, now)) for credential in page.rows]
    context = {
        "rows": rows,
        "page_obj": page,
        "teams": Team.objects.where_may(by, Act.CREDENTIAL_READ),
        "states": list(State),
        "chosen": request.GET,
        "as_of": min(filter(None, read.values()), default=None),
        "names_accounts": len({*read, *(credential.account_id for credential, *_ in rows)}) > 1,
        "may_issue": reaches(by, Act.CREDENTIAL_PREPARE),
    }
    return render(request, "provisioning/credentials/list.html", context)


@require_safe
@on_record(Act.CREDENTIAL_READ)
def listing_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Answer with every credential that the asker may see, narrowed like the list."""
    by = actor_of(request)
    demand(by, Act.CREDENTIAL_READ)
    now = timezone.now()
    found = _wanted(request, by).select_related("team", "owner", "account").prefetch_related("keys")
    rows = (
        (
            c.pk, c.application, c.user_name, c.path, c.team.name, c.owner.email, c.kind, c.shown_state(now).value,
            " ".join(c.regions), " ".join(c.from_entries), c.purpose, c.issued_at, c.expires_at, c.ended_at,
            c.last_used_at, c.account.uses_read_at, " ".join(key.key_id for key in c.keys.all()),
            oldest_key_days(c, now), c.account.account_id,
        )
        for c in found.iterator(chunk_size=500)
    )  # fmt: skip
    return as_csv("credentials.csv", COLUMNS, rows)


@require_safe
@on_record(Act.CREDENTIAL_READ)
def detail(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Show one credential: state and actions, facts, keys, story."""
    by = actor_of(request)
    demand(by, Act.CREDENTIAL_READ)
    found = Credential.objects.visible_to(by).with_unresolved().select_related("team", "owner", "account", "request")
    elsewhere = Exists(set_up.known().exclude(pk=OuterRef("account")))
    credential = found.annotate(names_account=elsewhere).filter(pk=credential_id).first()
    if credential is None:
        raise not_there("credential")
    now = timezone.now()
    has_keys = credential.kind != Kind.CONSOLE
    keys = list(credential.keys.select_related("handover").prefetch_related("logins")) if has_keys else []
    state = credential.shown_state(now)
    is_open = state in {State.UNRESOLVED, State.REVOKING}
    claim = credential.claims.order_by("-began_at").first() if is_open else None
    context = {
        "credential": credential,
        "names_account": credential.names_account,  # type: ignore[attr-defined] # annotated above
        "state": state,
        "stop": stop_of(credential, state),
        "keys": [(key, (now - key.made_at).days) for key in keys],
        "in_use": [key for key in keys if key.is_in_use],
        "used_since": next((key for key in keys if key.used_since_at and key.deleted_at is None), None),
        "without_password": watching.without_password(credential, keys) if credential.state in STAYING else (),
        "logins": [login for key in keys if key.is_in_use for login in key.logins.all()],
        "verified_as": verified_as(credential.kind),
        "rotation": progress(credential, keys, by=by, state=state),
        "story": story(AuditEvent.objects.visible_to(by).filter(credential_id=credential.pk)[:EVENTS_SHOWN]),
        "claim": claim,
        "blocked": state is State.REVOKING and claim is not None and claim.outcome == Outcome.FAILED,
        "deleted_at": expiry.deleted_at(credential, now),
        "may_revoke": credential.state in {*STAYING, State.REVOKING}
        and state is not State.UNRESOLVED
        and reaches(by, Act.CREDENTIAL_REVOKE, credential.target),
        "may_retire": reaches(by, Act.CREDENTIAL_RETIRE, credential.target),
        "may": _changes(by, credential, state),
        "withheld": renewals.why_not(credential, by=by, now=now) if state in STAYING else "",
        "sign_in_address": console_logins.address_of(credential.account),
        "waiting": _waiting_for(by, credential, keys, now),
    }
    return render(request, "provisioning/credentials/detail.html", context)


def _changes(by: Actor, credential: Credential, state: State) -> dict[str, bool]:
    """Return which changes of the credential the page offers."""
    offered = {
        "suspend": (Act.CREDENTIAL_SUSPEND, state is State.LIVE),
        "resume": (Act.CREDENTIAL_RESUME, state is State.SUSPENDED),
        "readdress": (Act.CREDENTIAL_READDRESS, state in STAYING and bool(credential.from_entries)),
        "extend": (Act.CREDENTIAL_EXTEND, is_extendable(credential) and state is not State.UNRESOLVED),
        "transfer": (Act.CREDENTIAL_TRANSFER, credential.state in STAYING and state is not State.UNRESOLVED),
        "note": (Act.CREDENTIAL_NOTE, True),
    }
    may = {name: fits and reaches(by, act, credential.target) for name, (act, fits) in offered.items()}
    return {**may, "any": any(may.values())}


def asked_about(request: HttpRequest, credential_id: int, act: Act) -> Credential:
    """Return the credential if the asker may do `act` to it: what the page shows that asks before the act.

    While another act on it is open there is nothing to ask: what the page would say may hold no longer.
    """
    by = actor_of(request)
    demand(by, act)
    under_way = Exists(Claim.objects.open().filter(credential=OuterRef("pk")))
    found = Credential.objects.visible_to(by).with_unresolved().annotate(is_under_way=under_way)
    credential = found.select_related("team", "owner", "account", "request").filter(pk=credential_id).first()
    if credential is None:
        raise not_there("credential")
    demand(by, act, credential.target)
    asks = request.method != "POST" and act is not Act.CREDENTIAL_NOTE
    if asks and credential.is_under_way:  # type: ignore[attr-defined] # annotated above
        claiming.require_free(credential)
    return credential


def _waiting_for(by: Actor, credential: Credential, keys: Sequence[AccessKey], now: datetime) -> Handover | None:
    """Return the newest hand-over which still waits to be stored by `by`; those of keys are read already."""
    newest_first: Iterable[Handover] = credential.handovers.order_by("-made_at")
    if credential.kind != Kind.CONSOLE:
        newest_first = (each for key in reversed(keys) if (each := getattr(key, "handover", None)) is not None)
    return next((each for each in newest_first if each.person_id == by.person_id and each.is_open(now)), None)


def oldest_key_days(credential: Credential, now: datetime) -> int | None:
    """Return the age in days of the oldest key in use, or None: two live keys are as old as the older."""
    made = [key.made_at for key in credential.keys.all() if key.is_in_use]
    return (now - min(made)).days if made else None


def _wanted(request: HttpRequest, by: Actor) -> CredentialQuerySet:
    """Return what the asker may see, narrowed as the address says; what does not fit the form narrows nothing."""
    found = Credential.objects.visible_to(by).with_unresolved()
    form = CredentialFilter(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    if words := wanted.get("q"):
        found = found.filter(
            Q(application__icontains=words)
            | Q(user_name__icontains=words)
            | Q(purpose__icontains=words)
            | Q(keys__key_id=words)
        ).distinct()
    if team := wanted.get("team"):
        found = found.filter(team_id=team)
    if sender := wanted.get("sender"):
        found = found.sending_as(sender)
    return found.in_state(wanted.get("state") or "", timezone.now())
