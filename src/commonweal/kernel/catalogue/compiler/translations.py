"""Reads a service's translations (gettext's .po files), and says what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from babel.messages.pofile import PoFileError, read_po

from commonweal.kernel.base.declarations import Compilation, Translatable
from commonweal.kernel.base.documents import Problem
from commonweal.kernel.catalogue.types import ServiceInfo

Messages = Mapping[str, str]


def read_translations(compilation: Compilation, info: ServiceInfo) -> dict[str, Messages]:
    """Return the translations of a service by language; problems go to the compilation."""
    found: dict[str, Messages] = {}
    for name, text in compilation.below("locale").items():
        file = f"{compilation.folder}/locale/{name}"
        language, _, suffix = name.rpartition(".")
        if suffix != "po" or language not in info.languages[1:]:
            hint = f"Name it <language>.po, with one of: {', '.join(info.languages[1:]) or 'none'}."
            message = "This is not a translation into one of the service's languages."
            compilation.problems.append(Problem(file, 0, 0, "locale.file", message, hint))
            continue
        try:
            found[language] = _messages(text)
        except (PoFileError, ValueError) as error:
            line = getattr(error, "lineno", None) or 0
            message = f"This is not a translation file: {error}."
            compilation.problems.append(Problem(file, int(line), 0, "locale.syntax", message))
    return found


def check_translations(
    compilation: Compilation, info: ServiceInfo, translations: Mapping[str, Messages]
) -> None:
    """Warn of texts without a translation, and of translations without a text."""
    texts = {text for text in info.texts() if text}
    for part in compilation.compiled.values():
        if isinstance(part, Translatable):
            texts |= {text for text in part.texts() if text}
    for language in info.languages[1:]:
        file = f"{compilation.folder}/locale/{language}.po"
        messages = translations.get(language, {})
        missing, unused = sorted(texts - set(messages)), sorted(set(messages) - texts)
        if missing:
            message = (
                f"{len(missing)} of {len(texts)} texts have no translation; first: {_short(missing[0])}."
            )
            compilation.problems.append(
                Problem(file, 0, 0, "locale.missing", message, "Residents see the main language.", False)
            )
        if unused:
            message = f"{len(unused)} translations belong to no text; first: {_short(unused[0])}."
            compilation.problems.append(
                Problem(file, 0, 0, "locale.unused", message, "Has the text changed?", False)
            )


def _messages(text: str) -> Messages:
    catalog = read_po(BytesIO(text.encode()), abort_invalid=True)
    return {
        str(message.id): str(message.string)
        for message in catalog
        if message.id and message.string and not message.fuzzy
    }


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"'{line[:60]}…'" if len(line) > 60 else f"'{line}'"
