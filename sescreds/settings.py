"""Settings, read top to bottom; everything that differs between machines comes from the environment.

The defaults are those of production against real AWS. `make run` and `make test` point them at the sandbox.
"""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from huey.serializer import SignedSerializer

from sescreds import logs
from sescreds.environment import Environment

env = Environment()

ROOT = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(ROOT / "var"))).resolve()
try:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"VAR_DIR cannot be made: {error}.") from None

# Who we are on the network -------------------------------------------------------------------------------------------

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")  # no default: a guessed key would open every session
PORT = env.int("PORT", default=8000)
BASE_URL = env.str("BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
_base = urlsplit(BASE_URL)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_base.hostname or "127.0.0.1", "127.0.0.1", "localhost"])
HTTPS = _base.scheme == "https"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
ROOT_URLCONF = "sescreds.urls"
WSGI_APPLICATION = "sescreds.wsgi.application"

# What is installed ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "provisioning",  # before Django's own: its changepassword is in the history
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "template_partials",
    "huey.contrib.djhuey",
    "sescreds",
    "guidance",
]
MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "sescreds.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sescreds.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "sescreds.middleware.AnswerMiddleware",
]
COMPONENTS = ("words", "blocks", "tables", "fields", "slips", "scripts")
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                *(f"sescreds.templatetags.ui.{name}" for name in COMPONENTS),
                "template_partials.templatetags.partials",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sescreds.context.page",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# The database and the queue ------------------------------------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'sescreds.sqlite3'}")}
DATABASES["default"]["ATOMIC_REQUESTS"] = False  # AWS is called between transactions, never inside one
CONNECT_TIMEOUT = 5  # seconds: a page says within them that the database does not answer
ON_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if ON_SQLITE:
    # Closing the last connection would write the whole log back and delete it, after each request.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    # IMMEDIATE takes the write lock at BEGIN: without it, concurrent writers fail with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", CONNECT_TIMEOUT)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Shared between workers, so that the sign-in limits hold whatever their number.
    "default": {"BACKEND": "sescreds.cache.JsonDatabaseCache", "LOCATION": "cache"}
}
if ON_SQLITE:
    _queue: dict[str, object] = {"filename": str(VAR_DIR / "queue.sqlite3")}
else:
    # `prepare` makes its tables, so that a web server starts, and answers, while the database is away.
    _queue = {"dsn": env.str("DATABASE_URL"), "connect_timeout": CONNECT_TIMEOUT, "create_tables": False}
HUEY = {
    "name": "sescreds",
    "huey_class": "huey.SqliteHuey" if ON_SQLITE else "huey.PostgresHuey",
    "immediate": False,
    "results": False,
    "connection": {
        # The default serializer is a bare pickle: whoever could write the queue could run code with our IAM rights.
        "serializer": SignedSerializer(secret=SECRET_KEY, salt="sescreds.huey"),
        **_queue,
    },
    "consumer": {"workers": 2, "worker_type": "thread"},
}

# People --------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "provisioning.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "provisioning.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "guidance:table"
ACCOUNT_FORMS = {
    "login": "provisioning.forms.sign_in.SignInForm",
    "reauthenticate": "provisioning.forms.sign_in.AgainForm",
    "change_password": "provisioning.forms.sign_in.ChangeForm",
    "reset_password": "provisioning.forms.sign_in.ResetForm",
    "reset_password_from_key": "provisioning.forms.sign_in.ResetKeyForm",
}
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "60/15m/ip,5/15m/key",  # the key is the account together with the network it is tried from
    "login_failed_wherever": "100/h/key",  # the account alone: one network cannot reach it
    "reset_password": "20/m/ip",
    "reset_link": "5/15m/key",  # beyond it no mail leaves, and nobody is told: else a stranger could keep its owner out
    "join": "20/m/ip",
}
USERSESSIONS_ADAPTER = "provisioning.sign_in.SessionsAdapter"
PASSWORD_RESET_TIMEOUT = 60 * 60

# Browsers ------------------------------------------------------------------------------------------------------------

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # Strict would sign people out who follow a link in a mail
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # a health check inside the network speaks plain http
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)  # one, which writes both headers; else nobody is believed
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "sescreds.views.csrf_failure"
DEFAULT_EXCEPTION_REPORTER_FILTER = "sescreds.reports.NoValues"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Static files, words, time -------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "sescreds.storage.OneSheetStorage"},
}
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = False  # ports and ids are names, not quantities

# Mail: notices, invitations, reset of a password. Without EMAIL_URL nothing is sent, and pages say so ----------------

EMAIL_URL = env.mail("EMAIL_URL", default="dummymail://")
vars().update(EMAIL_URL)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", default=f"sescreds@{_base.hostname or 'localhost'}")
EMAIL_SUBJECT_PREFIX = ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# AWS: the ordinary credential chain of boto3; here only what it does not know ----------------------------------------

AWS_ACCOUNT_PATH = env.str("AWS_ACCOUNT_PATH", default="/ses-dashboard/")
AWS_BOUNDARY_ARN = env.str("AWS_BOUNDARY_ARN", default="")
AWS_CONSOLE_BOUNDARY_ARN = env.str("AWS_CONSOLE_BOUNDARY_ARN", default="")  # without it: no console logins
AWS_ENDPOINT_URL = env.str("AWS_ENDPOINT_URL", default="")  # boto3 reads it by itself; the banner asks the client
SES_SMTP_ENDPOINTS = env.str("SES_SMTP_ENDPOINTS", default="")
SES_SMTP_CA_FILE = env.str("SES_SMTP_CA_FILE", default="")

# Logs: one line an event, static name plus fields, never an object ---------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in logs.LEVELS:
    raise ImproperlyConfigured(f"LOG_LEVEL is {LOG_LEVEL}. Set it to one of {', '.join(logs.LEVELS)}.")
LOGGING = logs.configuration(LOG_LEVEL)
