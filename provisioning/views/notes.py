"""The note on a credential: a form, and the act."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.roles import Act
from provisioning.forms.changes import NoteForm
from provisioning.services import note as noting
from provisioning.views.asker import actor_of
from provisioning.views.credentials import asked_about
from provisioning.views.posting import REVIEWABLE, see_other
from provisioning.views.recording import on_record


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_NOTE)
def note(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Show the form with what is noted; a POST keeps what was typed."""
    credential = asked_about(request, credential_id, Act.CREDENTIAL_NOTE)
    form = NoteForm(request.POST or None, initial={"note": credential.note})
    if request.method == "POST":
        form = NoteForm(request.POST)
        if form.is_valid():
            noting.write(credential_id, form.cleaned_data["note"], by=actor_of(request), now=timezone.now())
            messages.success(request, "Noted.")
            return see_other("credential", credential_id=credential_id)
    context = {"form": form, "credential": credential}
    return render(request, "provisioning/notes/form.html", context, status=REVIEWABLE if form.errors else 200)
