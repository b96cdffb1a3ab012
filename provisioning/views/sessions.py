"""The browsers in which somebody is signed in: the page of allauth, in a few queries whatever their number."""

from typing import Any

from allauth.usersessions.views import ListUserSessionsView
from django.utils import timezone
from django.views.generic.edit import FormView

from provisioning.services import sessions
from provisioning.views.asker import person_of


class SessionsView(ListUserSessionsView):  # type: ignore[misc]
    """Lists the newest ones, and ends all the others on POST."""

    def get_context_data(self, **known: Any) -> dict[str, Any]:  # noqa: ANN401 - Django's signature
        """Add the sessions of the person who asks; allauth would look each of them up."""
        listed = sessions.listed(
            person_of(self.request).pk, here=self.request.session.session_key or "", now=timezone.now()
        )
        found = FormView.get_context_data(self, **known)
        return found | {"sessions": listed.newest, "session_count": listed.count}


sessions_list = SessionsView.as_view()
