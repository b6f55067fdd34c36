"""The languages of the pages: which ones the jurisdiction declares, and their message catalogues."""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path

from babel.core import Locale

from commonweal.kernel.base.documents import Unreadable
from commonweal.kernel.base.jurisdiction import load

CATALOGUES = Path(__file__).resolve().parents[1] / "locale"


def languages_of(folder: Path) -> list[tuple[str, str]]:
    """Return the languages of a jurisdiction, each with its own name for itself; the first is the main one.

    A jurisdiction that cannot be read has English: ``commonweal check`` says what is wrong with it.

    Example:
        >>> [own_name(code) for code in ("en", "es", "ar")]
        ['English', 'Español', 'العربية']
    """
    try:
        codes = load(folder).languages
    except Unreadable:
        codes = ("en",)
    return [(code, own_name(code)) for code in codes]


@cache
def own_name(code: str) -> str:
    """Return how a language is called by those who speak it."""
    locale = Locale.parse(code, sep="-")
    name = locale.get_display_name(locale) or code
    return name[:1].upper() + name[1:]


def compiled_catalogues(var: Path, sources: Path = CATALOGUES) -> Path:
    """Return a folder with the catalogues compiled for gettext, and compile them where that is not done yet.

    Only the ``.po`` files are in the repository: a compiled file cannot be reviewed or merged. The folder is named
    by their content, so that it is never out of date and two processes that start at once do not disturb each other.

    Args:
        var: Where this installation may write.
        sources: Holds ``<locale>/LC_MESSAGES/django.po``.
    """
    files = sorted(sources.glob("*/LC_MESSAGES/django.po"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.parent.parent.name.encode() + b"\0" + file.read_bytes() + b"\0")
    home = var / "locale" / digest.hexdigest()[:16]
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=home.parent, prefix="new-"))
        for file in files:
            compile_catalogue(file, work / file.relative_to(sources).with_suffix(".mo"))
        work.chmod(0o755)
        try:
            os.replace(work, home)  # noqa: PTH105 - a folder onto a folder; Path.replace says the same
        except OSError:
            if not home.is_dir():
                raise  # not another process that was faster
    return home


def compile_catalogue(source: Path, target: Path) -> None:
    """Write the compiled form of one catalogue."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - slow import
    from babel.messages.pofile import read_po  # noqa: PLC0415 - slow import

    with source.open("rb") as stream:
        catalog = read_po(stream, locale=source.parent.parent.name, domain="django")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        write_mo(stream, catalog)
