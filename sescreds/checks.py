"""`manage.py check` refuses an unsafe configuration, with a hint."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution

from provisioning.domain.arn import policy_arn
from provisioning.gateway.smtp import parse_endpoints


@register(Tags.security, deploy=True)
def names_a_boundary(app_configs: Iterable[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001
    """Without a permissions boundary the dashboard would be as good as an administrator."""
    if policy_arn(settings.AWS_BOUNDARY_ARN):
        return []
    hint = "Make it in AWS from `manage.py own_policy`, then set AWS_BOUNDARY_ARN to its ARN."
    return [Error("AWS_BOUNDARY_ARN does not name a managed policy.", hint=hint, id="sescreds.E001")]


@register(Tags.security)
def console_boundary_is_one(app_configs: Iterable[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001
    """A typing error here would only take console logins away, without a word."""
    named, boundary = policy_arn(settings.AWS_CONSOLE_BOUNDARY_ARN), policy_arn(settings.AWS_BOUNDARY_ARN)
    same = named is not None and boundary is not None and named.account_id == boundary.account_id
    if same or not settings.AWS_CONSOLE_BOUNDARY_ARN:
        return []
    hint = "Leave it out, or set it to the ARN of the second boundary that `manage.py own_policy` prints."
    said = "AWS_CONSOLE_BOUNDARY_ARN does not name a managed policy of the account."
    return [Error(said, hint=hint, id="sescreds.E005")]


@register(Tags.security)
def path_is_our_own(app_configs: Iterable[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001
    """The path is what keeps the dashboard's rights to its own users."""
    path = settings.AWS_ACCOUNT_PATH
    if len(path) > 2 and path.startswith("/") and path.endswith("/") and "*" not in path:
        return []
    return [Error(f"AWS_ACCOUNT_PATH is {path!r}.", hint="Set a path such as /ses-dashboard/.", id="sescreds.E002")]


@register(Tags.security)
def smtp_endpoints_can_be_read(app_configs: Iterable[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001
    """A typing error here would send logins somewhere else."""
    try:
        parse_endpoints(settings.SES_SMTP_ENDPOINTS)
    except ValueError as error:
        return [Error(str(error), hint="region=host:port/starttls or /tls, comma-separated.", id="sescreds.E003")]
    return []


@register(Tags.security, deploy=True)
def sends_mail(app_configs: Iterable[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001
    """Invitations can be copied by hand, but nobody can reset a password, and no notice arrives."""
    if not settings.EMAIL_BACKEND.endswith(("dummy.EmailBackend", "console.EmailBackend", "filebased.EmailBackend")):
        return []
    return [
        Caution(
            "No mail is sent.", hint="Set EMAIL_URL, such as smtp+tls://user:password@host:587.", id="sescreds.W002"
        )
    ]


@register(Tags.security, deploy=True)
def speaks_https(app_configs: Iterable[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001
    """Cookies are Secure, and HSTS is on, only where BASE_URL says https."""
    if settings.HTTPS:
        return []
    return [Caution("BASE_URL is not https.", hint="Set BASE_URL=https://your.host", id="sescreds.W001")]


@register(Tags.security, deploy=True)
def proxy_is_believed(app_configs: Iterable[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001
    """The web server speaks plain http: unless the proxy is believed, https is asked for again and again."""
    if not settings.HTTPS or settings.SECURE_PROXY_SSL_HEADER:
        return []
    hint = "Set BEHIND_PROXY=true, and let the proxy write X-Forwarded-Proto itself."
    return [Caution("BASE_URL is https, but no proxy is believed.", hint=hint, id="sescreds.W003")]


@register(Tags.security, deploy=True)
def answers_to_its_own_names(app_configs: Iterable[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001
    """Links in mail carry the host that was asked for: a star would let anybody choose it."""
    if not any(host.startswith(("*", ".")) for host in settings.ALLOWED_HOSTS):
        return []
    hint = "Leave it out, or name each host."
    return [Error("ALLOWED_HOSTS lets through names that are not ours.", hint=hint, id="sescreds.E004")]


@register(Tags.security)
def smtp_authority_is_there(app_configs: Iterable[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001
    """Without it every proof would fail, and blame the connection."""
    named = settings.SES_SMTP_CA_FILE
    if not named or Path(named).is_file():
        return []
    hint = "Leave it out for real SES, or name a file of certificates."
    return [Error(f"SES_SMTP_CA_FILE names {named}, which is no file.", hint=hint, id="sescreds.E006")]


@register(Tags.security)
def base_url_is_a_host_alone(app_configs: Iterable[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001
    """Every page lies directly below it: links of mails would lead past them."""
    parts = urlsplit(settings.BASE_URL)
    if parts.scheme in {"http", "https"} and parts.hostname and not (parts.path or parts.query or parts.fragment):
        return []
    hint = "Set BASE_URL=https://your.host, without a path."
    return [Error(f"BASE_URL is {settings.BASE_URL}.", hint=hint, id="sescreds.E007")]
