"""What an error report may say: where it happened, never with which values."""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest, QueryDict
from django.views.debug import SafeExceptionReporterFilter


class NoValues(SafeExceptionReporterFilter):
    """Keeps variables and what was typed out of every report, also where DEBUG is on: a frame may hold a secret."""

    def is_active(self, request: HttpRequest | None) -> bool:  # noqa: ARG002 - Django's signature
        """Return that it always is."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, object]:
        """Return the names of what was posted."""
        typed = request.POST if request is not None else QueryDict()
        return dict.fromkeys(typed, self.cleansed_substitute)

    def get_traceback_frame_variables(
        self,
        request: HttpRequest | None,  # noqa: ARG002 - Django's signature
        tb_frame: FrameType,
    ) -> ItemsView[str, Any]:
        """Return the names of the variables of a frame."""
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()
