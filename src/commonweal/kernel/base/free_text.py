"""Free text as people write it, without what no reader sees: one rule for forms, the API and officers' texts.

A name with a mark that turns the direction of writing reads differently from what is stored; one with an invisible character is not
found and looks the same as another. Such characters mostly come along with a text that was copied, so they are left out without a
word: nobody can mend what they cannot see.
"""

from __future__ import annotations

import unicodedata

import regex

_CONTROLS = regex.compile(r"[\p{Cc}--\n\t]", regex.V1)
_UNSEEN = regex.compile(
    r"""
    [[\p{Cc}\p{Cs}\p{Cn}\p{Bidi_Control}\uFFF9-\uFFFB]--[\n\t]]
    | [\p{Default_Ignorable_Code_Point}--[\u200C\u200D\p{Variation_Selector}]]
    | (?<! [\p{Han}\p{Mongolian}\p{Extended_Pictographic}] ) \p{Variation_Selector}
    """,
    regex.V1 | regex.VERBOSE,
)
_JOINERS = regex.compile("[\u200c\u200d]")
_RUN = regex.compile("([\u200c\u200d])[\u200c\u200d]+")
_HEAP = regex.compile(r"(\P{ccc=0}{30})\P{ccc=0}+", regex.V1)
"""More marks on one letter than any writing has."""
_JOINER = regex.compile(
    r"""
    (?<!
        \p{ccc=9}
        | [\p{jt=Dual_Joining}\p{jt=Left_Joining}]\p{jt=Transparent}*
        | \p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F]?
    )
    [\u200C\u200D]
    (?! \p{ccc=9} )
    | \u200C (?! [\p{L}\p{M}] )
    """,
    regex.V1 | regex.VERBOSE,
)


def readable(text: str) -> str:
    r"""Return text that reads as it is stored: composed, without controls, marks of direction and other invisible characters.

    White space at its ends goes. Ends of lines and tabs stay within it, and so do the zero-width joiner and non-joiner where writing needs them: after a letter that joins the
    next one, beside a virama, and within an emoji; elsewhere they change nothing that can be seen, and go. What is visible is never
    changed, whatever its script; of more than 30 marks on one letter, the first 30 stay.

    Source: RFC 8264, 9.13 (ignorable code points are no part of free text); RFC 5892, A.1 and A.2 (where joiners stand);
    Unicode Technical Report 36, 2.2 (marks of direction); Unicode Standard Annex 15, 13 (30 marks).

    Example:
        >>> readable("Ann\u202eeL\u200b"), readable("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e"
        ('AnneL', True)
    """
    if text.isascii():
        return str(_CONTROLS.sub("", text)).strip()
    seen = _RUN.sub(r"\1", _UNSEEN.sub("", text))
    plain = _composed(_JOINER.sub("", _composed(seen)))
    if _JOINER.search(plain):  # marks that a joiner parted have changed places, as those of no writing do
        plain = _composed(_JOINERS.sub("", plain))
    return plain.strip()


def _composed(text: str) -> str:
    """Compose text; marks are heaped up no higher than that, for putting them in order takes the square of their number."""
    lower = _HEAP.sub(r"\1", text)
    return str(_HEAP.sub(r"\1", unicodedata.normalize("NFC", lower)))
