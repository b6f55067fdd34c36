"""The section `once`: about one child, vehicle or dwelling there is one open application at a time, whoever sends it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from django.utils import translation
from pydantic import Field

from commonweal.engines import feel
from commonweal.kernel.base import locks
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.encryption import blind_index
from commonweal.kernel.base.expressions import compile_feel, new_evaluation
from commonweal.kernel.base.jurisdiction import Declared
from commonweal.kernel.base.rehearsal import is_rehearsal
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases.errors import AppliedAlready
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.types import CompiledService

_APOSTROPHES = frozenset(
    "'\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}"
)


class OnceSource(Declared):
    """What there is one open application about at a time, whoever sends it.

    Attributes:
        key: FEEL over the answers; text that names the one thing, for example a child's name and date of birth. Capitals,
            accents, punctuation and blanks make no difference. Where it gives no text, nothing is compared.
        says: What the second applicant reads; no word of who was first.
    """

    key: Annotated[str, Field(min_length=1, max_length=2_000)]
    says: Annotated[str, Field(min_length=1, max_length=300)]


@dataclass(frozen=True, slots=True)
class CompiledOnce:
    """The section with its expression."""

    says: str
    key: feel.Expression = field(compare=False)

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        yield self.says


@sections.register
class OnceSection(Section):
    """What there is one open application about at a time."""

    key = "once"
    schema = OnceSource
    order = 150

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledOnce | None:
        """Compile the key over the answers."""
        if source is None:
            return None
        written: OnceSource = source.value
        key = compile_feel(
            written.key,
            compilation.scope(),
            source=source,
            path=("key",),
            compilation=compilation,
            expects=feel.STRING,
            is_loose=True,
        )
        return None if key is None else CompiledOnce(written.says, key)


def alike(text: str) -> str:
    """Return a text as it is compared: without capitals, accents and punctuation, one blank between words."""
    split = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return " ".join("".join(_compared(char) for char in split).split())


def _compared(char: str) -> str:
    """Return what is left of a character: vowel signs stay, as they are letters; what joins letters leaves no gap."""
    if char in _APOSTROPHES or unicodedata.combining(char) or unicodedata.category(char) == "Cf":
        return ""
    return " " if unicodedata.category(char)[0] in "PSZC" else char


def claim_subject(service: CompiledService, answers: Mapping[str, Any], *, by: Actor, at: datetime) -> str:
    """Return what a new case keeps of what it is about, a blind index; nobody else can send the like until it is saved.

    Empty where the service allows several, or there is nothing to compare.

    Raises:
        AppliedAlready: An application about the same is open.
    """
    once: CompiledOnce | None = service.sections.get("once")
    if once is None or is_rehearsal():  # practice is not compared with real people
        return ""
    named = once.key.evaluate(dict(answers), new_evaluation(at))
    words = alike(named) if isinstance(named, str) else ""
    if not words:
        return ""
    index = blind_index(words, context=f"cases.subject:{service.key}")
    locks.take([f"once:{service.key}:{index}"])
    open_one = Case.objects.filter(service_key=service.key, subject_index=index, closed_at=None)
    found = open_one.order_by("id").first()
    if found is not None:
        says = service.translator(translation.get_language() or "")(once.says)
        is_known = by.kind is ActorKind.OFFICER
        raise AppliedAlready(says=says, reference=found.reference if is_known else "", case=str(found.pk))
    return index
