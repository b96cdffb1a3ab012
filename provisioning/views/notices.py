"""What people were told by mail: the list of notices, and a test that an administrator sends to themselves."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from provisioning.domain.lifecycle import Delivery
from provisioning.domain.permission import demand, reaches
from provisioning.domain.roles import Act
from provisioning.forms.filters import NoticeFilter
from provisioning.models import Notice, Person
from provisioning.models.notice import NoticeQuerySet
from provisioning.services import mailing
from provisioning.services import notices as telling
from provisioning.views.asker import actor_of
from provisioning.views.leaves import leaf
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record

ROWS = 7
PEOPLE = 50  # whose notices one filter shows at most


@require_safe
@on_record(Act.NOTICE_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Show a page of notices, newest first."""
    by = actor_of(request)
    demand(by, Act.NOTICE_READ)
    context = {
        "page_obj": leaf(request, _wanted(request).select_related("recipient", "credential"), ROWS),
        "states": list(Delivery),
        "chosen": request.GET,
        "may_test": reaches(by, Act.NOTICE_TEST),
        "mail_is_on": mailing.is_on(),
    }
    return render(request, "provisioning/notices/list.html", context)


@require_http_methods(["GET", "POST"])
@on_record(Act.NOTICE_TEST)
def test(request: HttpRequest) -> HttpResponse:
    """Send a test notice to whoever asks, and say what the mail server said; opened by hand, lead to the list."""
    if request.method != "POST":
        return redirect("notices")
    notice = telling.send_test(by=actor_of(request), clock=timezone.now)
    if notice.trouble:
        messages.error(request, f"The test to {notice.recipient.email}: {notice.trouble}")
    else:
        messages.success(request, f"The mail server took the test to {notice.recipient.email}. Look whether it comes.")
    return see_other("notices")


def _wanted(request: HttpRequest) -> NoticeQuerySet:
    form = NoticeFilter(request.GET)
    form.is_valid()
    wanted, found = form.cleaned_data, Notice.objects.all()
    if words := wanted.get("q"):
        people = Person.objects.filter(email__icontains=words).order_by("pk").values_list("pk", flat=True)
        found = found.filter(recipient__in=list(people[:PEOPLE]))
    if credential := wanted.get("credential"):
        found = found.filter(credential=credential)
    return found.in_state(wanted.get("state") or "")
