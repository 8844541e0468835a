"""Settings of the Observatory. It keeps no secret, no session, no cookie and no database."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent

DEBUG = False
#: Names under which the site answers; `clemency serve --host` adds to them.
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *filter(None, os.environ.get("CLEMENCY_HOSTS", "").split(","))]

INSTALLED_APPS: list[str] = []
DATABASES: dict[str, object] = {}
ROOT_URLCONF = "clemency.web.urls"
WSGI_APPLICATION = "clemency.web.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "clemency.web.headers.safe_headers",
    "clemency.web.edition.edition_of_the_request",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n", "clemency.web.tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "clemency.web.context.surroundings",
                "clemency.web.observatory.linked_data.linked_data",
            ],
        },
    }
]

USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("az", "Azərbaycanca"), ("ru", "Русский")]
LOCALE_PATHS = [HERE / "locale"]

STATIC_ROOT = HERE / "static"
STATIC_URL = "/static/"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
#: A request under a name that is not ours is answered with 400 and told to nobody; errors of our own go to stderr.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"nowhere": {"class": "logging.NullHandler"}, "stderr": {"class": "logging.StreamHandler"}},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "ERROR", "propagate": True},
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
    },
}
