"""The addresses of acts and memory: nouns."""

from django.urls import path

from provisioning.views import (
    confirmations,
    credentials,
    downloads,
    handovers,
    history,
    home,
    identities,
    looks,
    losses,
    requests,
    revocations,
    set_up,
    sweeps,
    test_messages,
    verifications,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("credentials/", credentials.listing, name="credentials"),
    path("credentials.csv", credentials.listing_csv, name="credentials_csv"),
    path("credentials/new/", requests.new, name="credential_new"),
    path("credentials/<int:credential_id>/", credentials.detail, name="credential"),
    path("credentials/<int:credential_id>/revocation/", revocations.revocation, name="revocation"),
    path("handovers/<uuid:handover_id>/", handovers.handover, name="handover"),
    path("handovers/<uuid:handover_id>/look/", looks.look, name="look"),
    path("handovers/<uuid:handover_id>/credential.csv", downloads.as_csv, name="handover_csv"),
    path("handovers/<uuid:handover_id>/credential.env", downloads.as_dotenv, name="handover_env"),
    path("handovers/<uuid:handover_id>/verification/", verifications.verification, name="verification"),
    path("handovers/<uuid:handover_id>/test-message/", test_messages.test_message, name="test_message"),
    path("handovers/<uuid:handover_id>/confirmation/", confirmations.confirmation, name="confirmation"),
    path("handovers/<uuid:handover_id>/loss/", losses.loss, name="loss"),
    path("identities/", identities.refresh, name="identities"),
    path("history/", history.listing, name="history"),
    path("history.csv", history.listing_csv, name="history_csv"),
    path("setup/", set_up.page, name="set_up"),
    path("setup/check/", set_up.check, name="set_up_check"),
    path("setup/policies/", set_up.policies, name="set_up_policies"),
    path("sweeps/", sweeps.listing, name="sweeps"),
]
