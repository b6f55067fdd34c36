"""The files of a draft under the names that people have for them."""

from __future__ import annotations

import re
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from commonweal.kernel.base.documents import Unreadable, parse_yaml
from commonweal.kernel.base.templates import long_date

_MODEL = re.compile(r"(\d{4}-\d\d-\d\d)(?:@(\d{4}-\d\d-\d\d))?\.dmn")
_SUBJECT = re.compile(r"^subject: *(.+?) *$", re.MULTILINE)
_ORDER = (
    "service.yaml",
    "form.yaml",
    "parameters.yaml",
    ".dmn",
    "letters/",
    "cases.yaml",
    "summary.md",
    "locale/",
)
_LONGEST = 60


def part_name(file: str, text: str = "") -> str:
    """Return what a file of a draft is, in words; its own name where there are none.

    Args:
        file: Path inside the draft's folder.
        text: Of the file; a letter is named for its subject.
    """
    known = {
        "service.yaml": _("What the service is"),
        "form.yaml": _("Questions"),
        "parameters.yaml": _("Figures"),
        "cases.yaml": _("Worked cases"),
        "summary.md": _("Summary for the public"),
    }
    model = _MODEL.fullmatch(file)
    if model:
        return _of_model(model[1], model[2])
    if file.startswith("letters/"):
        subject = _SUBJECT.search(text)
        return _("Letter: %(subject)s") % {"subject": subject[1].strip("\"'")[:_LONGEST] if subject else file}
    if file.startswith("locale/"):
        code = file.removeprefix("locale/").removesuffix(".po")
        return _("Translation: %(language)s") % {"language": dict(settings.LANGUAGES).get(code, code)}
    return known.get(file, file)


def _of_model(first: str, known: str | None) -> str:
    if known is None:
        return _("Rules from %(day)s") % {"day": day_text(first)}
    return _("Rules from %(day)s, known since %(known)s") % {"day": day_text(first), "known": day_text(known)}


def day_text(written: object) -> str:
    """Return a day as people write it; as it stands where it is none."""
    try:
        return long_date(date.fromisoformat(str(written)))
    except ValueError:
        return str(written)


def in_order(files: list[str]) -> list[str]:
    """Return files as somebody would read them: what it is, what is asked, the rules, letters, cases, translations."""

    def rank(file: str) -> tuple[int, str]:
        found = (at for at, words in enumerate(_ORDER) if file.startswith(words) or file.endswith(words))
        return next(found, len(_ORDER)), file

    return sorted(files, key=rank)


def figure_at(text: str, line: int) -> str:
    """Return the key of the figure that a line of ``parameters.yaml`` belongs to; empty where it belongs to none."""
    try:
        places = parse_yaml(text.encode(), "parameters.yaml").positions
    except Unreadable:
        return ""
    found = ""
    for path, (begins, _column) in places.items():
        if len(path) == 2 and path[0] == "parameters" and begins <= line:
            found = str(path[1])
    return found
