"""Reads a service's translations (gettext's .po files), and says what is missing or too hard to read."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from babel.messages.pofile import PoFileError, read_po

from commonweal.kernel.base.declarations import Compilation, Translatable
from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.reading import too_hard
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
    texts = shown_texts(compilation, info)
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


def check_reading(compilation: Compilation, info: ServiceInfo, translations: Mapping[str, Messages]) -> None:
    """Warn of texts that are too hard to read, with the sentence to mend, in each language of the service."""
    texts = sorted(shown_texts(compilation, info))
    main, others = info.languages[0], info.languages[1:]
    written = [(main, text) for text in texts]
    written += [(one, translations.get(one, {}).get(text, "")) for one in others for text in texts]
    for language, text in written:
        hard = too_hard(text, language)
        if hard is not None:
            file, line = _place(compilation, hard.sentence, language if language != main else "")
            hint = f"Say it shorter or in plainer words: {_short(hard.sentence, 160)}"
            problem = Problem(file, line, 0, "text.hard", hard.why, hint, is_error=False)
            compilation.problems.append(problem)


def shown_texts(compilation: Compilation, info: ServiceInfo) -> set[str]:
    """Return every text that a resident may see, in the main language; letters have a wording of their own."""
    texts = {text for text in info.texts() if text}
    for part in compilation.compiled.values():
        if isinstance(part, Translatable):
            texts |= {text for text in part.texts() if text}
    return texts


def _place(compilation: Compilation, sentence: str, language: str) -> tuple[str, int]:
    """Return the file and line where a sentence begins: the line that holds most of its first words."""
    names = [f"locale/{language}.po"] if language else [name for name in compilation.files if "/" not in name]
    words = sentence.split()[:6]
    for count in range(len(words), 1, -1):
        beginning = " ".join(words[:count])
        for name in names:
            for number, line in enumerate(compilation.files.get(name, "").splitlines(), start=1):
                if beginning in line:
                    return f"{compilation.folder}/{name}", number
    return f"{compilation.folder}/{names[0]}", 0


def _messages(text: str) -> Messages:
    catalog = read_po(BytesIO(text.encode()), abort_invalid=True)
    return {
        str(message.id): str(message.string)
        for message in catalog
        if message.id and message.string and not message.fuzzy
    }


def _short(text: str, most: int = 60) -> str:
    line = " ".join(text.split())
    return f"'{line[:most]}…'" if len(line) > most else f"'{line}'"
