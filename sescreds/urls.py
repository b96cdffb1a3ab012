"""Every address: the guide is public, the rest needs a sign-in (LoginRequiredMiddleware)."""

from allauth.account import views as account
from django.urls import include, path

from sescreds.style import style
from sescreds.views import healthz, readyz

urlpatterns = [
    path("guide/", include("guidance.urls")),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("style/", style, name="style"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include("provisioning.urls")),
]
