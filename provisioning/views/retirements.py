"""Ending a rotation: everything has switched, the old key is retired, or works again."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.last_use import RESOLUTION
from provisioning.domain.roles import Act
from provisioning.forms.rotation import RetirementForm, SwitchForm
from provisioning.gateway.aws import aws
from provisioning.services import retirement as retiring
from provisioning.services import watching
from provisioning.views import typed
from provisioning.views.asker import actor_of, never_kept
from provisioning.views.credentials import asked_about
from provisioning.views.filling_in import go_on
from provisioning.views.posting import leading_to, say, see_other
from provisioning.views.recording import on_record

_RESOLUTION = int(RESOLUTION.total_seconds() // 60)


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_SWITCH)
def switch_over(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Ask once whether everything uses the new key, and what had been forgotten if that was said before; note it."""
    credential, by = asked_about(request, credential_id, Act.CREDENTIAL_SWITCH), actor_of(request)
    if request.method != "POST":
        retiring.require_switchable(credential, by=by, now=timezone.now())
    form = SwitchForm(request.POST) if request.method == "POST" else SwitchForm()
    if form.carry_out(lambda said: retiring.switch_over(credential_id, said["late"], by=by, now=timezone.now())):
        messages.success(request, "Noted. From now on the old key should be used by nothing.")
        return see_other("credential", credential_id=credential_id)
    is_late = credential.keys.in_use().filter(cut_over_at__isnull=False).exists()
    context = {"credential": credential, "form": form, "is_late": is_late}
    return render(request, "provisioning/rotations/switch_over.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_RETIRE)
def retirement(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Say when AWS last saw the key used and ask; then make it inactive, or delete what is retired already."""
    if request.method != "POST":
        asked_about(request, credential_id, Act.CREDENTIAL_RETIRE)
        form = RetirementForm(initial={"key": request.GET.get("key", "")})
        typed.show(typed.take_up(request), form)
        return _ask(request, credential_id, form)
    form = RetirementForm(request.POST)
    retire, ask = (partial(step, request, credential_id, form) for step in (_retire, _ask))
    return go_on(form, retire, ask)


def _retire(request: HttpRequest, credential_id: int, form: RetirementForm) -> HttpResponse:
    """Retire the key, or delete the retired one, as was asked for."""
    by, key, reason = actor_of(request), form.cleaned_data["key"], form.cleaned_data["reason"]
    with leading_to("credential", credential_id):
        if request.POST.get("now"):
            came = retiring.delete_now(credential_id, key, reason, by=by, gateway=aws())
            done, doing = "Deleted. There is room for another key.", "It is being deleted"
        else:
            came = retiring.retire(credential_id, key, reason, by=by, gateway=aws())
            doing = "It is being retired"
            done = f"Retired. It is deleted in {retiring.WATCHED_FOR.days} days, and can be reactivated until then."
    say(request, came, done, doing=doing)
    return see_other("credential", credential_id=credential_id)


def _ask(request: HttpRequest, credential_id: int, form: RetirementForm, status: int = 200) -> HttpResponse:
    key_id = str(form["key"].value() or "")
    watched = watching.watch(credential_id, key_id, by=actor_of(request), gateway=aws(), now=timezone.now())
    context = {
        "form": form,
        "watched": watched,
        "used_at": watched.used.used_at if watched.used else watched.key.used_since_at,
        "lost": _lost_with(watched),
        "credential": watched.key.credential,
        "resolution": _RESOLUTION,
        "days": retiring.WATCHED_FOR.days,
    }
    template = "retired" if watched.key.retired_at else "retire"
    return never_kept(render(request, f"provisioning/rotations/{template}.html", context, status=status))


def _lost_with(watched: watching.Watched) -> list[str]:
    """Return the regions of a new key for which the old one, which would be left, has no password."""
    return watching.without_password(watched.key.credential, [watched.old]) if watched.old else []


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_REACTIVATE)
def reactivation(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Let the retired key work again; who opens the address is asked once."""
    if request.method == "POST":
        with leading_to("credential", credential_id):
            key = request.POST.get("key", "")
            came = retiring.reactivate(credential_id, key, by=actor_of(request), gateway=aws())
        done = "Reactivated. What is stored of it works again, within seconds everywhere."
        say(request, came, done, doing="It is being reactivated")
        return see_other("credential", credential_id=credential_id)
    credential = asked_about(request, credential_id, Act.CREDENTIAL_REACTIVATE)
    context = {"credential": credential, "key": retiring.require_retired(credential, now=timezone.now())}
    return render(request, "provisioning/rotations/reactivate.html", context)
