"""Settings of the server, from environment variables; `barograph serve` sets them.

BAROGRAPH_FOLDER   folder of the barometer; without it there is no interview
BAROGRAPH_EDITION  folder of the edition served at /
BAROGRAPH_STATE    folder of database, secret and uploads
BAROGRAPH_HOST     the public name of the server, behind a proxy that speaks HTTPS; without it
                   the server is for this machine only and shows preview and mailbox to all
PORT               on this machine, for the links of a server without public name
BAROGRAPH_SMTP     smtp://USER:PASSWORD@HOST:587?tls=starttls (or tls=none, or smtps://); without it
                   messages wait in the outbox, but those of practice
BAROGRAPH_MAIL_FROM  the sender, such as "Barometer <barometer@institute.example>"
BAROGRAPH_TIME_ZONE  of the times that staff write and read; Europe/Brussels without it
BAROGRAPH_OIDC_ISSUER  an identity provider for respondents, with BAROGRAPH_OIDC_CLIENT, _SECRET and
                   _NAME (for the button); _ACR: accepted levels; _CLAIM: of the mail address
DATABASE_URL       postgresql://... instead of SQLite in the state folder
"""

from __future__ import annotations

import os
from pathlib import Path

from barograph.collect.outbox.smtp import server
from barograph.publish import texts
from barograph.web import logs
from barograph.web.database import database
from barograph.web.identity import identity
from barograph.web.secret import secret


def _folder(name: str) -> Path | None:
    text = os.environ.get(name, "")
    return Path(text).resolve() if text else None


BAROMETER = _folder("BAROGRAPH_FOLDER")
EDITION = _folder("BAROGRAPH_EDITION")
STATE = _folder("BAROGRAPH_STATE")
HOST = os.environ.get("BAROGRAPH_HOST", "")
LOCAL = not HOST
ADDRESS = f"https://{HOST}" if HOST else f"http://localhost:{os.environ.get('PORT', '8000')}"

SMTP = server(os.environ.get("BAROGRAPH_SMTP", ""), os.environ.get("BAROGRAPH_MAIL_FROM", ""))
IDENTITY = identity(os.environ, local=LOCAL)

DEBUG = False
# Without a state folder nothing is kept and nothing is signed: type checks, editions alone.
SECRET_KEY = secret(STATE / "secret") if STATE else os.urandom(32).hex()
ALLOWED_HOSTS = [HOST] if HOST else ["localhost", "127.0.0.1", "[::1]"]
ROOT_URLCONF = "barograph.web.urls"
WSGI_APPLICATION = "barograph.web.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "barograph.accounts",
    "barograph.collect",
]
AUTH_USER_MODEL = "accounts.Account"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email",)}),
    )
]
OTP_TOTP_ISSUER = f"Barograph {HOST}".strip()
MIDDLEWARE = [
    "barograph.web.logs.logged",
    "barograph.web.headers.headers",
    "django.middleware.security.SecurityMiddleware",
    "barograph.web.published.Published",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "barograph.web.nul.NoNul",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [Path(__file__).parent.parent / "collect" / "templates"],
        "OPTIONS": {"environment": "barograph.collect.markup.environment"},
    }
]
DATABASES = {
    "default": database(os.environ.get("DATABASE_URL", ""), STATE)
    if STATE
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

STATIC_URL = "/a/static/"
STATICFILES_DIRS = [Path(__file__).parent.parent / "publish" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ROOT = EDITION
WHITENOISE_INDEX_FILE = True
WHITENOISE_MIMETYPES = {
    ".csv": "text/csv",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
}
WHITENOISE_MAX_AGE = 0 if LOCAL else 600

USE_TZ = True
TIME_ZONE = os.environ.get("BAROGRAPH_TIME_ZONE") or "Europe/Brussels"
USE_I18N = False  # words come from TOML files beside the code
LANGUAGE_CODES = texts.LANGUAGES

# Secure cookies carry the prefix that binds them to this host; plain HTTP is for this machine only.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_NAME = "barograph" if LOCAL else "__Host-barograph"
CSRF_COOKIE_NAME = "csrf" if LOCAL else "__Host-csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 2 * 60 * 60
SESSION_ENGINE = "barograph.web.sessions"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
CSRF_FAILURE_VIEW = "barograph.collect.views.landing.refused"
SECURE_PROXY_SSL_HEADER = None if LOCAL else ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if LOCAL else 365 * 24 * 60 * 60
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # headers.py sends X-Frame-Options, on files too
    "security.W005",  # other hosts of the domain, and its preloading, are not ours to decide
    "security.W021",
    "security.W008",  # the proxy redirects
]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a page of 1,000 instances of a repeat of 20 questions
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20

LOGGING = logs.settings("WARNING" if LOCAL else "INFO")  # on this machine no line for each request
