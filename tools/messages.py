"""Keeps the message catalogues in step with the code.

    python -m tools.messages            reads the code; writes the template and updates every catalogue
    python -m tools.messages --check    says what is missing, out of date or wrong, and fails
    python -m tools.messages --compile  compiles the catalogues as starting Commonweal does

The template is `src/commonweal/locale/django.pot`; a catalogue is `src/commonweal/locale/<locale>/LC_MESSAGES/django.po`.
To begin a new language, make its folder and run the first command. A text that has changed loses its translation: no
guess is kept.

Compiled files (`.mo`) are not in the repository, for they cannot be reviewed or merged. Commonweal compiles the catalogues
when it starts (`commonweal.project.languages`) into its `var` folder, so that a clone works with what pip installs.

Texts of a service are not here: they stand beside the service, in `locale/<language>.po` (`commonweal check`).
"""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src/commonweal"
LOCALE = SOURCE / "locale"
TEMPLATE = LOCALE / "django.pot"

METHODS = [("**/locale/**", "ignore"), ("**.py", "python"), ("**/jinja2/**.html", "jinja2")]
OPTIONS = {
    "**/jinja2/**.html": {"newstyle_gettext": "true", "trimmed": "true", "extensions": "jinja2.ext.i18n"}
}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
# The same file on every day and every machine.
MADE_ON = datetime(2026, 1, 1, tzinfo=UTC)
_NAMED = re.compile(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w*\}")
_TAG = re.compile(r"</?[a-z]+")


def template() -> Catalog:
    """Return every message of the code."""
    catalog = Catalog(
        project="Commonweal",
        version="1",
        copyright_holder="The Commonweal authors",
        msgid_bugs_address="CONTRIBUTING.md",
        creation_date=MADE_ON,
        fuzzy=False,
        charset="utf-8",
    )
    found = extract_from_dir(
        SOURCE, METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    )
    for name, _line, message, comments, context in sorted(found, key=lambda item: (item[0], item[1])):
        catalog.add(message, None, [(f"commonweal/{name}", 0)], auto_comments=comments, context=context)
    return catalog


def catalogues() -> dict[str, Path]:
    """Return the catalogue of each locale."""
    return {path.parent.parent.name: path for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))}


def read(path: Path, locale: str) -> Catalog:
    """Read a catalogue."""
    with path.open("rb") as stream:
        return read_po(stream, locale=locale, domain="django", abort_invalid=True)


def written(catalog: Catalog) -> bytes:
    """Return a catalogue as its file holds it."""
    stream = io.BytesIO()
    write_po(stream, catalog, width=110, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    return stream.getvalue()


def updated(catalog: Catalog, messages: Catalog, locale: str) -> Catalog:
    """Return a catalogue with exactly the messages of the code, and the translations that are known."""
    new = Catalog(
        locale=locale,
        domain="django",
        header_comment=f"# Commonweal in {locale}; written by `python -m tools.messages`, translated by people.",
        project="Commonweal",
        version="1",
        msgid_bugs_address="CONTRIBUTING.md",
        creation_date=MADE_ON,
        revision_date=MADE_ON,
        last_translator="",
        language_team="",
        fuzzy=False,
    )
    for message in messages:
        if not message.id:
            continue
        known = catalog.get(message.id, message.context)
        string = known.string if known is not None and known.id == message.id else None
        new.add(
            message.id,
            string,
            message.locations,
            message.flags,
            message.auto_comments,
            known.user_comments if known is not None else (),
            context=message.context,
        )
    return new


def problems(catalog: Catalog, messages: Catalog, locale: str) -> Iterator[str]:
    """Say what is wrong with a catalogue."""
    wanted = {(message.id, message.context): message for message in messages if message.id}
    held = {(message.id, message.context): message for message in catalog if message.id}
    for key in wanted.keys() - held.keys():
        yield f"{locale}: missing: {_shown(key[0])}"
    for key in held.keys() - wanted.keys():
        yield f"{locale}: no longer in the code: {_shown(key[0])}"
    for message in held.values():
        for problem in _wrong(message, catalog.num_plurals):
            yield f"{locale}: {problem}: {_shown(message.id)}"


def _wrong(message: Message, plurals: int) -> Iterator[str]:
    """Say what is wrong with one translation."""
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    held = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    strings = [string or "" for string in held]
    if message.fuzzy:
        yield "only a guess (fuzzy)"
    if not all(strings):
        yield "not translated" if not any(strings) else "not every plural form is translated"
        return
    if message.pluralizable and len(strings) != plurals:
        yield f"{len(strings)} plural forms instead of {plurals}"
    for string in strings:
        if not _agrees(ids, string, is_plural=bool(message.pluralizable)):
            yield f"placeholders or tags differ in '{string}'"
        if not message.pluralizable and _edges(ids[0]) != _edges(string):
            yield "blanks at the beginning or the end differ"


def _agrees(ids: tuple[str, ...], string: str, *, is_plural: bool) -> bool:
    """Whether a translation names what the text names; a plural form may leave out the number ("one file")."""
    source, target = _parts(ids[-1]), _parts(string)
    return target <= source if is_plural else target == source


def _parts(text: str) -> Counter[str]:
    return Counter(_NAMED.findall(text)) + Counter(_TAG.findall(text))


def _edges(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()


def _shown(identity: str | tuple[str, ...] | list[str]) -> str:
    text = identity if isinstance(identity, str) else identity[0]
    return repr(text if len(text) < 70 else text[:69] + "…")


def check() -> list[str]:
    """Return what is wrong with the template and the catalogues, sorted."""
    messages = template()
    found = []
    if not TEMPLATE.is_file() or TEMPLATE.read_bytes() != written(messages):
        found.append("django.pot is out of date: run `python -m tools.messages`")
    for locale, path in catalogues().items():
        catalog = read(path, locale)
        wrong = sorted(problems(catalog, messages, locale))
        if not wrong and path.read_bytes() != written(updated(catalog, messages, locale)):
            wrong = [f"{locale}: the file is out of date: run `python -m tools.messages`"]
        found += wrong
    return found


def extract() -> None:
    """Write the template and update every catalogue."""
    messages = template()
    LOCALE.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(written(messages))
    for folder in sorted(path for path in LOCALE.iterdir() if path.is_dir()):
        path = folder / "LC_MESSAGES/django.po"
        path.parent.mkdir(exist_ok=True)
        old = read(path, folder.name) if path.is_file() else Catalog(locale=folder.name)
        path.write_bytes(written(updated(old, messages, folder.name)))


def main(argv: list[str]) -> int:
    """Extract, check or compile."""
    if "--compile" in argv:
        from commonweal.project.languages import compiled_catalogues  # noqa: PLC0415 - not needed to read the code

        print(compiled_catalogues(ROOT / "var"))
        return 0
    if "--check" not in argv:
        extract()
    found = check()
    for problem in found:
        print(problem)
    if found:
        print(f"{len(found)} to mend in src/commonweal/locale")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
