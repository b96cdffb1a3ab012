"""Client settings: right for both kinds of port, quoted for each syntax, and nothing that could mean more."""

import ast
import shlex
from dataclasses import replace
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance.recipes import Settings, dotenv, recipes, url
from guidance.regions import Mode

USER = "AKIAIOSFODNN7EXAMPLE"
# From the secret access key that AWS's documentation uses, for us-east-2.
PASSWORD = "BMPPgbAHoFVbze1Ud0oA5uNdXRwUXUZ+qOwphGJbl/cS"
STARTTLS = Settings(
    "us-east-2",
    "email-smtp.us-east-2.amazonaws.com",
    587,
    Mode.STARTTLS,
    USER,
    PASSWORD,
    "news@example.com",
)
TLS = replace(STARTTLS, port=465, mode=Mode.TLS)
OWN_CA = replace(STARTTLS, ca_file="/srv/our certs (2)/zürich.pem")
SLUGS = ["postfix", "msmtp", "django", "django-mailers", "nodemailer", "swaks", "env"]

alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
passwords = st.text(alphabet, min_size=44, max_size=44)


def text_of(settings: Settings, slug: str) -> str:
    return next(recipe.text for recipe in recipes(settings) if recipe.slug == slug)


def settings_module(text: str) -> dict[str, object]:
    return {node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(text).body}


def test_there_is_one_recipe_for_each_client():
    assert [recipe.slug for recipe in recipes(STARTTLS)] == SLUGS
    for recipe in recipes(STARTTLS):
        assert all(piece in recipe.text for piece in (USER, STARTTLS.host, "587", "news@example.com"))
        assert recipe.text.endswith("\n")


def test_the_password_is_in_no_repr():
    assert PASSWORD not in repr(STARTTLS)
    assert PASSWORD not in repr(recipes(STARTTLS))


@pytest.mark.parametrize(
    ("slug", "starttls", "tls"),
    [
        ("postfix", "smtp_tls_security_level = secure\n", "smtp_tls_wrappermode = yes\n"),
        ("msmtp", "tls_starttls on\n", "tls_starttls off\n"),
        ("django", "EMAIL_USE_TLS = True\n", "EMAIL_USE_SSL = True\n"),
        ("django-mailers", '"use_tls": True,\n', '"use_ssl": True,\n'),
        ("nodemailer", '"secure": false,\n  "requireTLS": true,\n', '"secure": true,\n  "requireTLS": false,\n'),
        ("swaks", " --tls --tls-verify ", " --tls-on-connect --tls-verify "),
        ("env", "SMTP_TLS_MODE=starttls\n", "SMTP_TLS_MODE=tls\n"),
    ],
)
def test_each_port_begins_tls_in_its_own_way(slug, starttls, tls):
    assert starttls in text_of(STARTTLS, slug)
    assert tls in text_of(TLS, slug)
    assert tls not in text_of(STARTTLS, slug)
    assert slug == "postfix" or starttls not in text_of(TLS, slug)


@pytest.mark.parametrize(
    ("slug", "line"),
    [
        ("postfix", "smtp_tls_CAfile = /srv/our certs (2)/zürich.pem\n"),
        ("msmtp", 'tls_trust_file "/srv/our certs (2)/zürich.pem"\n'),
        ("django", "SSL_CERT_FILE='/srv/our certs (2)/zürich.pem'\n"),
        ("django-mailers", "SSL_CERT_FILE='/srv/our certs (2)/zürich.pem'\n"),
        ("nodemailer", 'fs.readFileSync("/srv/our certs (2)/zürich.pem")'),
        ("swaks", "--tls-ca-path '/srv/our certs (2)/zürich.pem' "),
        ("env", "SMTP_CA_FILE='/srv/our certs (2)/zürich.pem'\n"),
    ],
)
def test_a_ca_file_is_named_when_given_and_checks_are_never_off(slug, line):
    assert line in text_of(OWN_CA, slug)
    assert "/srv/" not in text_of(STARTTLS, slug)
    for settings in (STARTTLS, TLS, OWN_CA):
        for off in ("rejectUnauthorized", "tls_certcheck off", "verify=False", "smtp_tls_security_level = may"):
            assert off not in text_of(settings, slug)


def test_postfix_finds_the_sandbox_by_its_bare_name():
    assert "smtp_host_lookup = dns, native\n" in text_of(replace(STARTTLS, host="localhost"), "postfix")
    assert "smtp_host_lookup" not in text_of(STARTTLS, "postfix")


def test_django_settings_are_python():
    module = settings_module(text_of(TLS, "django"))
    assert module["EMAIL_PORT"] == 465
    assert module["EMAIL_HOST_PASSWORD"] == PASSWORD
    assert "EMAIL_USE_TLS" not in module
    options = settings_module(text_of(STARTTLS, "django-mailers"))["MAILERS"]["default"]["OPTIONS"]
    assert options == {
        "host": STARTTLS.host,
        "port": 587,
        "username": USER,
        "password": PASSWORD,
        "use_tls": True,
        "timeout": 30,
    }


@given(passwords)
def test_the_url_gives_back_what_went_in(password):
    for settings, scheme in ((STARTTLS, "smtp"), (TLS, "smtps")):
        parts = urlsplit(url(replace(settings, password=password)))
        assert (parts.scheme, parts.hostname, parts.port) == (scheme, settings.host, settings.port)
        assert (unquote(parts.username), unquote(parts.password)) == (USER, password)
        assert "+" not in parts.netloc
        assert "/" not in parts.netloc


@given(passwords)
def test_the_shell_reads_the_swaks_command_as_meant(password):
    words = shlex.split(text_of(replace(OWN_CA, password=password), "swaks").replace("\\\n", " "), comments=True)
    assert words[0] == f"SWAKS_OPT_auth_password={password}"
    assert words[words.index("--tls-ca-path") + 1] == "/srv/our certs (2)/zürich.pem"
    assert words[words.index("--from") + 1] == "news@example.com"


def test_swaks_asks_for_a_from_address_that_it_would_take_for_an_option():
    text = text_of(replace(STARTTLS, from_address="-news@example.com"), "swaks")
    assert "--from --to" in text
    assert text.startswith("# When swaks asks for From, type -news@example.com\n")


def test_the_env_file_holds_every_region_and_the_first_under_the_plain_names():
    second = replace(TLS, region="eu-central-1", host="email-smtp.eu-central-1.amazonaws.com")
    both = dict(pair.split("=", 1) for pair in shlex.split(dotenv([STARTTLS, second]), comments=True))
    assert both["SMTP_HOST"] == both["SMTP_US_EAST_2_HOST"] == STARTTLS.host
    assert both["SMTP_EU_CENTRAL_1_HOST"] == second.host
    assert both["SMTP_PASSWORD"] == PASSWORD
    assert both["SMTP_EU_CENTRAL_1_URL"] == url(second)
    assert "SMTP_US_EAST_2_HOST" not in dotenv([STARTTLS])
    assert dotenv([]) == ""


@pytest.mark.parametrize(
    "bad",
    [
        {"from_address": "*@example.com"},
        {"from_address": "news@example.com'; true"},
        {"from_address": 'a"b@example.com'},
        {"from_address": "news@example.com\n"},
        {"from_address": "news"},
        {"host": "host name"},
        {"host": "-host"},
        {"user": "short"},
        {"password": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
        {"password": PASSWORD + "\n"},
        {"ca_file": '/srv/a"b'},
        {"ca_file": "/srv/a'b"},
        {"ca_file": "/srv/$a"},
        {"ca_file": "/srv/a\nb"},
        {"region": "us east"},
        {"port": 0},
        {"port": 65536},
    ],
    ids=str,
)
def test_a_value_that_could_mean_more_is_refused_without_being_shown(bad):
    with pytest.raises(ValueError, match=r"form that client settings|port lies outside") as caught:
        replace(STARTTLS, **bad)
    assert PASSWORD not in str(caught.value)
