"""What forms speak of: how a form is declared, what it compiles to, what a page shows."""

from __future__ import annotations

from commonweal.kernel.forms.types.answers import (
    Answer,
    Answers,
    Problems,
    RawAnswers,
    Sources,
)
from commonweal.kernel.forms.types.compiled import CompiledForm, CompiledPage, CompiledQuestion
from commonweal.kernel.forms.types.views import (
    FileView,
    GroupItemView,
    KnownAnswer,
    PageView,
    ProgressStep,
    QuestionView,
    ReviewAnswer,
    ReviewGroup,
)

__all__ = [
    "Answer",
    "Answers",
    "CompiledForm",
    "CompiledPage",
    "CompiledQuestion",
    "FileView",
    "GroupItemView",
    "KnownAnswer",
    "PageView",
    "Problems",
    "ProgressStep",
    "QuestionView",
    "RawAnswers",
    "ReviewAnswer",
    "ReviewGroup",
    "Sources",
]
