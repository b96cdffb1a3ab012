"""Refusals that a page gives before any act has begun: the history gets them too."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from provisioning import audit
from provisioning.domain.roles import Act
from provisioning.views.asker import actor_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def on_record(act: Act) -> Callable[[View[P]], View[P]]:
    """Write down each refusal that leaves the view, as one of `act`, unless its own act has done so."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def door(request: HttpRequest, *args: P.args, **named: P.kwargs) -> HttpResponseBase:
            match = request.resolver_match
            subject = audit.Subject(request.path, door=match.route if match else "")
            with audit.refusals_recorded(act, subject, by=actor_of(request), at=timezone.now()):
                return view(request, *args, **named)

        door_of: View[P] = door  # type: ignore[assignment] # the wraps of typeshed forgets that names are positional
        return door_of

    return decorate
