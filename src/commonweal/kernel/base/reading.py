"""How hard a text is to read, and which sentence to mend.

English: Flesch-Kincaid grade (Kincaid et al. 1975), at most 9. Spanish: Fernández Huerta's ease (1959), at least 60.
Arabic, for which no such formula is settled: words in a sentence, 25 on average at most. In every language a sentence of
more than 35 words is too long. Texts under 20 words are judged by their sentences alone: formulas need more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import syllapy

MOST_WORDS = 35
FEWEST_JUDGED = 20
_SENTENCE = re.compile(r"(?<=[.!?؟])[\s\"»)]+|\n\s*\n|\n(?=\s*[-*#])")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_MARKUP = re.compile(r"\{[{%].*?[}%]\}|\]\([^)]*\)|[#*_>`\[]", re.DOTALL)
_STRONG, _WEAK, _HIATUS = "aeoáéó", "iuü", "íú"


@dataclass(frozen=True, slots=True)
class Hard:
    """A text that is too hard.

    Attributes:
        why: What was measured, as a sentence.
        sentence: The one to mend first.
    """

    why: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Measure:
    """A formula: its name, its score, how hard one is (higher is harder), and whether a score is too hard."""

    name: str
    score: Callable[[Sequence[Sequence[str]]], float]
    is_hard: Callable[[float], bool]
    limit: str
    sign: int


def too_hard(text: str, language: str) -> Hard | None:
    """Return why a text is too hard to read; None where it is not, or where the language has no measure.

    Placeholders and Markdown's signs are left out.

    Example:
        >>> too_hard("You get money for food. We pay it each month.", "en") is None
        True
    """
    sentences = list(_sentences(text))
    if not sentences:
        return None
    longest = max(sentences, key=lambda pair: len(pair[1]))
    if len(longest[1]) > MOST_WORDS:
        return Hard(f"A sentence has {len(longest[1])} words; {MOST_WORDS} are the most.", longest[0])
    measure = _MEASURES.get(language.partition("-")[0])
    words = [parts for _, parts in sentences]
    if measure is None or sum(map(len, words)) < FEWEST_JUDGED:
        return None
    score = measure.score(words)
    if not measure.is_hard(score):
        return None
    hardest = max(sentences, key=lambda pair: measure.sign * measure.score([pair[1]]))
    return Hard(f"{measure.name} is {score:.1f}; {measure.limit}.", hardest[0])


def _sentences(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each sentence that has words, and its words."""
    for part in _SENTENCE.split(_MARKUP.sub(" ", text)):
        words = _WORD.findall(part)
        if words:
            yield " ".join(part.split()), words


def _grade(sentences: Sequence[Sequence[str]]) -> float:
    words = [word for sentence in sentences for word in sentence]
    syllables: int = sum(max(1, syllapy.count(word)) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _ease(sentences: Sequence[Sequence[str]]) -> float:
    words = [word for sentence in sentences for word in sentence]
    syllables = sum(spanish_syllables(word) for word in words)
    return 206.84 - 60 * syllables / len(words) - 1.02 * len(words) / len(sentences)


def _length(sentences: Sequence[Sequence[str]]) -> float:
    return sum(map(len, sentences)) / len(sentences)


def spanish_syllables(word: str) -> int:
    """Count the syllables of a Spanish word by its vowels (RAE, *Ortografía*, II.3: diphthong and hiatus).

    Example:
        >>> [spanish_syllables(word) for word in ("ahora", "día", "país", "ciudad", "guerra", "que")]
        [3, 2, 2, 2, 2, 1]
    """
    lowered = re.sub(r"(?<=[qg])u(?=[eiéí])", "", word.lower())
    count, before = 0, ""
    for letter in lowered + " ":
        is_vowel = letter in _STRONG + _WEAK + _HIATUS or (letter == "y" and before not in _STRONG + _WEAK)
        is_apart = letter in _HIATUS or before in _HIATUS or (letter in _STRONG and before in _STRONG)
        if is_vowel and (not before or is_apart):
            count += 1
        before = letter if is_vowel else ""
    return max(1, count)


_MEASURES: Mapping[str, _Measure] = {
    "en": _Measure("The Flesch-Kincaid grade", _grade, lambda score: score > 9, "9 is the most", 1),
    "es": _Measure("Fernández Huerta's ease", _ease, lambda score: score < 60, "60 is the least", -1),
    "ar": _Measure("The average sentence", _length, lambda score: score > 25, "25 words are the most", 1),
}
