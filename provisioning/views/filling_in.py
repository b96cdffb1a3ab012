"""Forms that people fill in: what is wrong, or refused, stands beside the fields, and nothing typed is lost."""

from collections.abc import Callable
from typing import Protocol

from django.http import HttpRequest, HttpResponse

from provisioning.forms.shapes import ActForm
from provisioning.views.posting import CHANGE

Step = Callable[[], HttpResponse]


class Show(Protocol):
    """Shows the form with what was typed."""

    def __call__(self, *, status: int = 200) -> HttpResponse: ...


def go_on(form: ActForm, step: Step, show: Show) -> HttpResponse:
    """Go on to `step` with what a form holds, or show it with what has to change."""
    answers: list[HttpResponse] = []
    return answers[0] if form.carry_out(lambda _: answers.append(step())) else show(status=form.status)


def review_first(request: HttpRequest, form: ActForm, show: Show, *, review: Step, apply: Step) -> HttpResponse:
    """Show the review of what a form holds; its own buttons apply it, or lead back to the form."""
    back = CHANGE in request.POST
    return go_on(form, show if back else apply if request.POST.get("reviewed") else review, show)
