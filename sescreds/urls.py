"""Every address: the guide is public, the rest needs a sign-in (LoginRequiredMiddleware)."""

from allauth.account import views as account
from django.urls import include, path, re_path

from provisioning.views.sessions import sessions_list
from sescreds.style import style
from sescreds.views import healthz, readyz

handler500 = "sescreds.views.server_error"
urlpatterns = [
    path("guide/", include("guidance.urls")),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/password/reset/", account.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("accounts/sessions/", sessions_list, name="usersessions_list"),
    path("style/", style, name="style"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include("provisioning.urls")),
]
