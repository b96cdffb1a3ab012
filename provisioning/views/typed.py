"""What was typed into a form whose sender had to give the password again first: kept, and shown once more."""

from typing import Any

from django import forms
from django.http import HttpRequest

# Pages whose forms hold no secret; what is posted anywhere else is never kept.
KEPT = frozenset({"invitations", "guardrail", "members", "standing", "stop_new", "transfer", "team_new"})
KEPT |= {"aws_account", "aws_account_new", "request_approval", "from_addresses", "extension", "rotation", "retirement"}
_MOST = 40_000  # characters, more than any of these forms takes
_NOTE = "typed"  # where the session has it


def is_kept(request: HttpRequest) -> bool:
    """Return whether `request` posts to a page that shows again what was typed."""
    return request.method == "POST" and request.resolver_match is not None and request.resolver_match.url_name in KEPT


def keep(request: HttpRequest) -> None:
    """Keep what was posted until the same page is opened next."""
    fields = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    if is_kept(request) and sum(len(value) for values in fields.values() for value in values) <= _MOST:
        request.session[_NOTE] = [request.path, fields]


def take_up(request: HttpRequest) -> dict[str, list[str]]:
    """Return what was kept for this page, once; a page that is posted to has its own."""
    path, fields = request.session.get(_NOTE, ("", {}))
    if request.method != "GET" or path != request.path:
        return {}
    del request.session[_NOTE]
    return dict(fields)


def show(fields: dict[str, list[str]], form: forms.Form) -> None:
    """Fill `form` in with what was kept. It stays unbound: opening a page does nothing."""
    if fields:
        form.initial.update({name: _value(field, fields.get(name, [])) for name, field in form.fields.items()})


def _value(field: forms.Field, values: list[str]) -> Any:  # noqa: ANN401 - as forms take it
    several = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
    return values if several else next(reversed(values), "")
