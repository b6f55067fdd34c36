"""All settings, from the environment; ``docs/reference/settings.md`` explains each."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import django
import structlog
from structlog.tracebacks import ExceptionDictTransformer

from commonweal.kernel.base.logs import configuration
from commonweal.project import environment as env
from commonweal.project.databases import database
from commonweal.project.languages import compiled_catalogues, languages_of

REPOSITORY = Path(__file__).resolve().parents[3]
VAR = Path(env.text("COMMONWEAL_VAR", str(REPOSITORY / "var")))
VAR.mkdir(parents=True, exist_ok=True)

# Commonweal's own
COMMONWEAL_JURISDICTION = env.text(
    "COMMONWEAL_JURISDICTION", str(REPOSITORY / "jurisdictions" / "port-alder")
)
COMMONWEAL_URL = env.text("COMMONWEAL_URL", "http://localhost:8000")
COMMONWEAL_DEMO = env.flag("COMMONWEAL_DEMO", default=False)
COMMONWEAL_CLOCK_START = env.moment("COMMONWEAL_CLOCK_START")
COMMONWEAL_BOOTED_AT = env.moment("COMMONWEAL_BOOTED_AT") or datetime.now(UTC)
COMMONWEAL_OFFICER_MFA = env.flag(
    "COMMONWEAL_OFFICER_MFA", default=not (COMMONWEAL_DEMO or "PYTEST_VERSION" in os.environ)
)
COMMONWEAL_DEMO_PASSWORD = env.text("COMMONWEAL_DEMO_PASSWORD", "practice-city")
COMMONWEAL_SIMULATION_WORKERS = env.number("COMMONWEAL_SIMULATION_WORKERS", 0)
COMMONWEAL_LAW_LOOK_SECONDS = env.number(
    "COMMONWEAL_LAW_LOOK_SECONDS", 0 if "PYTEST_VERSION" in os.environ else 10
)
COMMONWEAL_CLAMD = env.text("COMMONWEAL_CLAMD", "")
COMMONWEAL_PROXIES = env.number("COMMONWEAL_PROXIES", 0)
COMMONWEAL_RAISE_DEFECTS = env.flag("COMMONWEAL_RAISE_DEFECTS", default=False)

# Django
IS_TEST = "PYTEST_VERSION" in os.environ
DEBUG = False
SECRET_KEY = env.text(
    "COMMONWEAL_SECRET_KEY", "only-for-tests-" + "x" * 40 if IS_TEST or COMMONWEAL_DEMO else None
)
COMMONWEAL_KEYS = env.text(
    "COMMONWEAL_KEYS",
    f"index:{'aW5k' * 10}aW4=,practice:{'a2V5' * 10}a2U=" if IS_TEST or COMMONWEAL_DEMO else "",
)
ALLOWED_HOSTS = env.words("COMMONWEAL_HOSTS", "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = env.words("COMMONWEAL_ORIGINS", "")
CSRF_FAILURE_VIEW = "commonweal.kernel.base.views.csrf_failure"
ROOT_URLCONF = "commonweal.project.urls"
WSGI_APPLICATION = "commonweal.project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "commonweal.kernel.base",
    "commonweal.kernel.ledger",
    "commonweal.kernel.jobs",
    "commonweal.kernel.files",
    "commonweal.kernel.places",
    "commonweal.kernel.people",
    "commonweal.kernel.catalogue",
    "commonweal.kernel.registers",
    "commonweal.kernel.consent",
    "commonweal.kernel.mailbox",
    "commonweal.kernel.awards",
    "commonweal.kernel.forms",
    "commonweal.kernel.decisions",
    "commonweal.kernel.disputes",
    "commonweal.kernel.cases",
    "commonweal.kernel.reassessments",
    "commonweal.kernel.rounds",
    "commonweal.kernel.entitlements",
    "commonweal.kernel.proactive",
    "commonweal.kernel.revocations",
    "commonweal.kernel.consultations",
    "commonweal.kernel.reminders",
    "commonweal.kernel.authoring",
    "commonweal.kernel.statistics",
    "commonweal.kernel.counter",
    "commonweal.kernel.paper",
    "commonweal.domains.insight",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
]

if COMMONWEAL_DEMO:
    INSTALLED_APPS.append("commonweal.project.demo")

MIDDLEWARE = [
    "commonweal.kernel.base.middleware.request_context",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "commonweal.kernel.base.middleware.Sessions",
    "commonweal.kernel.base.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "commonweal.kernel.people.middleware.actor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "commonweal.kernel.base.middleware.Failures",
    "allauth.account.middleware.AccountMiddleware",  # last: it turns its own exceptions into answers before `Failures` would
]

_CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]

TEMPLATES = [
    {
        "NAME": "jinja2",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "commonweal.kernel.base.templates.environment",
            "context_processors": ["commonweal.kernel.base.pages.shell"],
        },
    },
    {
        "NAME": "django",
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _CONTEXT_PROCESSORS},
    },
]

DATABASES = {
    "default": database(
        env.text("COMMONWEAL_DATABASE", f"sqlite:///{VAR / 'commonweal.sqlite3'}"),
        synchronous="NORMAL" if COMMONWEAL_DEMO or IS_TEST else "FULL",
    )
}

# Counts of attempts, which all processes share: nothing else is kept here
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "base_shared_entry",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

LANGUAGES = languages_of(Path(COMMONWEAL_JURISDICTION))
LANGUAGE_CODE = LANGUAGES[0][0]
LOCALE_PATHS = [compiled_catalogues(VAR)]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [("theme", str(Path(COMMONWEAL_JURISDICTION) / "theme"))]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if IS_TEST
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = IS_TEST
WHITENOISE_AUTOREFRESH = IS_TEST
MEDIA_ROOT = VAR / "files"

# Security
SESSION_ENGINE = "commonweal.kernel.people.sessions"
SESSION_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "commonweal.kernel.people.messages.MessageStorage"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.flag(
    "COMMONWEAL_HTTPS", default=not (COMMONWEAL_DEMO or IS_TEST)
)
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SESSION_COOKIE_SECURE
SECURE_REFERRER_POLICY = None  # our own middleware sets these headers
SECURE_CROSS_ORIGIN_OPENER_POLICY = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",  # whole requests below the size above
    "commonweal.kernel.files.uploads.BoundedUploadHandler",
]
AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["commonweal.kernel.people.backends.AccountBackend"]
PASSWORD_HASHERS = ["commonweal.kernel.people.passwords.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

# Signing in (django-allauth); our own pages stand in `kernel/people/jinja2`
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "commonweal.kernel.people.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "commonweal.kernel.people.forms.signup.SignupForm"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = COMMONWEAL_PROXIES
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
SESSION_COOKIE_AGE = 12 * 60 * 60
MFA_ADAPTER = "commonweal.kernel.people.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
ACCOUNT_FORMS = {"change_password": "commonweal.kernel.people.forms.passwords.ChangePasswordForm"}
MFA_FORMS = {"add_webauthn": "commonweal.kernel.people.forms.passkeys.AddPasskeyForm"}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = COMMONWEAL_DEMO or IS_TEST
SOCIALACCOUNT_ADAPTER = "commonweal.kernel.people.adapters.SocialAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form may not lead to another site (form-action of the CSP)
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
COMMONWEAL_OIDC_NAME = env.text("COMMONWEAL_OIDC_NAME", "")
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "main",
                    "name": COMMONWEAL_OIDC_NAME,
                    "client_id": env.text("COMMONWEAL_OIDC_CLIENT_ID"),
                    "secret": env.text("COMMONWEAL_OIDC_SECRET"),
                    "settings": {"server_url": env.text("COMMONWEAL_OIDC_ISSUER")},
                }
            ],
        }
    }
    if COMMONWEAL_OIDC_NAME
    else {}
)

# Background work of other people's apps goes through our queue too
TASKS = {"default": {"BACKEND": "commonweal.kernel.jobs.django_tasks.LeaseQueueBackend"}}

# E-mail: everybody writes into the outbox; a worker hands it to this server
_OUTBOX = "commonweal.kernel.jobs.mail.OutboxBackend"
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": _OUTBOX}}
else:
    EMAIL_BACKEND = _OUTBOX
COMMONWEAL_SMTP_HOST = env.text("COMMONWEAL_SMTP_HOST", "127.0.0.1")
COMMONWEAL_SMTP_PORT = env.number("COMMONWEAL_SMTP_PORT", 25)
COMMONWEAL_SMTP_USER = env.text("COMMONWEAL_SMTP_USER", "")
COMMONWEAL_SMTP_PASSWORD = env.text("COMMONWEAL_SMTP_PASSWORD", "")
COMMONWEAL_SMTP_STARTTLS = env.flag("COMMONWEAL_SMTP_STARTTLS", default=False)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("COMMONWEAL_MAIL_FROM", "no-reply@localhost")

# Logs: one structured line a request, no personal data; what Django and others log becomes such lines too
LOGGING = configuration()
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        # without the values of variables, which may be personal data or secrets
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        structlog.processors.JSONRenderer(),
    ],
    wrapper_class=structlog.make_filtering_bound_logger(
        {"debug": 10, "info": 20, "warning": 30, "error": 40}[
            env.text("COMMONWEAL_LOG", "warning" if IS_TEST else "info")
        ]
    ),
    cache_logger_on_first_use=True,
)
