"""AWS accounts: the list, one of them with its external ID and its last check, adding, changing and retiring them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from provisioning.domain.permission import demand, reaches
from provisioning.domain.roles import Act
from provisioning.forms.accounts import AccountForm
from provisioning.models import AwsAccount
from provisioning.services import accounts, posture, set_up
from provisioning.views import typed
from provisioning.views.asker import actor_of
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record

PROPOSED = {"path": "/ses-dashboard/"}


@require_safe
@on_record(Act.ACCOUNT_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Show every account, the one that the dashboard signs in to first."""
    by = actor_of(request)
    demand(by, Act.ACCOUNT_READ)
    rows = [(account, accounts.held(account)) for account in set_up.everywhere()]
    context = {"rows": rows, "may_add": reaches(by, Act.ACCOUNT_ADD)}
    return render(request, "provisioning/accounts/list.html", context)


@require_http_methods(["GET", "POST"])
@on_record(Act.ACCOUNT_ADD)
def new(request: HttpRequest) -> HttpResponse:
    """Ask what the account is; add it."""
    by, added = actor_of(request), list[AwsAccount]()
    demand(by, Act.ACCOUNT_ADD)
    form = AccountForm(request.POST) if request.method == "POST" else AccountForm(initial=dict(PROPOSED))
    typed.show(typed.take_up(request), form)
    if form.carry_out(lambda _: added.append(accounts.add(form.wanted(), by=by, now=timezone.now()))):
        messages.success(request, f"{added[0].name} is added. Make its role in AWS now, then check it.")
        return see_other("aws_account", account_id=added[0].pk)
    return render(request, "provisioning/accounts/new.html", {"form": form}, status=form.status)


@require_http_methods(["GET", "POST"])
@on_record(Act.ACCOUNT_CHANGE)
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show one account, to administrators with the form that changes it; change it."""
    by = actor_of(request)
    demand(by, Act.ACCOUNT_CHANGE if request.method == "POST" else Act.ACCOUNT_READ)
    known = accounts.one(account_id, by=by)
    form = AccountForm(request.POST) if request.method == "POST" else AccountForm.showing(known)
    typed.show(typed.take_up(request), form)
    if form.carry_out(lambda _: accounts.change(account_id, form.wanted(), by=by, now=timezone.now())):
        messages.success(request, f"{form.cleaned_data['name']} is as you said.")
        return see_other("aws_account", account_id=account_id)
    context = {
        "account": known,
        "held": accounts.held(known),
        "problems": posture.problems(known),
        "form": form,
        "may_change": reaches(by, Act.ACCOUNT_CHANGE),
    }
    return render(request, "provisioning/accounts/detail.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@on_record(Act.ACCOUNT_RETIRE)
def retirement(request: HttpRequest, account_id: int) -> HttpResponse:
    """Ask once, saying what stays; then let nothing new be made there."""
    by = actor_of(request)
    demand(by, Act.ACCOUNT_RETIRE)
    known = accounts.one(account_id, by=by)
    if request.method == "POST":
        accounts.retire(account_id, by=by, now=timezone.now())
        messages.success(request, f"{known.name} is retired. Nothing new is made there.")
        return see_other("aws_account", account_id=account_id)
    context = {"account": known, "held": accounts.held(known)}
    return render(request, "provisioning/accounts/retirement.html", context)
