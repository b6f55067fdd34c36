"""What other people's code logs, as our own lines are: one JSON object each, and nothing of anybody.

Django writes the whole address into its log, and addresses hold secrets: who has the link to a draft or to an invitation
may use it. Its tracebacks end with an error's own words, which may be what somebody typed.
"""

from __future__ import annotations

import logging
from typing import Any

import structlog

from commonweal.kernel.base.failures import describe, frames_of

log = structlog.get_logger(__name__)

_WORDS_OF_ERRORS = "django.security"
"""Loggers below it log what an error says, which may quote what was sent; their names say what happened."""


class Structured(logging.Handler):
    """Hands a record of the standard library's ``logging`` to structlog, without the values in it.

    A message with places for values is logged with its places; the route stands for the address.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record's line."""
        line: dict[str, Any] = {"logger": record.name}
        if not record.name.startswith(_WORDS_OF_ERRORS):
            line["message"] = str(record.msg)
        request = getattr(record, "request", None)
        if request is not None:
            line["route"] = getattr(getattr(request, "resolver_match", None), "route", None)
            line["request_id"] = getattr(request, "request_id", "")
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line |= {"error": describe(error), "frames": frames_of(error)}
        log.log(record.levelno, "logged", **line)


def configuration() -> dict[str, Any]:
    """Return what ``logging.config.dictConfig`` takes: every warning to structlog, refusals left out.

    ``django.request`` warns of each answer that refuses something, which our own line of the request says already.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"structured": {"class": f"{__name__}.{Structured.__name__}"}},
        "root": {"handlers": ["structured"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},
        },
    }
