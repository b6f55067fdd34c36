"""Answers that are files: which there are, and whether they may be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.kernel.base.errors import CommonwealError
from commonweal.kernel.files.enums import FileKind, Scan
from commonweal.kernel.files.errors import FileTypeRefused
from commonweal.kernel.files.queries import kept_files, readable_name
from commonweal.kernel.forms.answers.state import FormState
from commonweal.kernel.forms.types.answers import Answers, Problems, RawAnswers
from commonweal.kernel.forms.types.compiled import CompiledForm
from commonweal.kernel.forms.types.schema import FileQuestion


def files_in(form: CompiledForm, answers: Answers) -> dict[UUID, str]:
    """Return the files of a form's answers, each with the key of its question."""
    return {UUID(file["id"]): key for key in form.file_questions for file in answers.get(key) or []}


def with_files(
    form: CompiledForm, answers: Answers, document: RawAnswers
) -> tuple[Mapping[str, Any], Problems]:
    """Return a document with what is known of the files that it names, and what is wrong with those that it names.

    Args:
        form: The form.
        answers: What was answered so far: files are named only once they are there.
        document: As a program sent it; a question for files that it leaves out keeps its files.
    """
    problems: Problems = {}
    known: dict[str, Any] = {}
    for key in form.file_questions:
        there = {file["id"]: file for file in answers.get(key) or []}
        named = document.get(key, list(there) or None)
        if not isinstance(named, (list, tuple)):
            continue
        ids = [_id_of(each) for each in named]
        known[key] = [there.get(file_id, file_id) for file_id in ids]
        if not there.keys() >= set(ids):
            problems[key] = _("There is no such file here. Hand it in first, then name it by its number.")
    return {**document, **known}, problems


def _id_of(named: Any) -> str:
    return str(named.get("id", "") if isinstance(named, Mapping) else named)


def bad_files(state: FormState) -> Problems:
    """Return what forbids to send files, by page: they are dangerous, or gone."""
    form = state.form
    named = files_in(form, state.answers)
    if not named:
        return {}
    known = kept_files(named)
    bad = {key for file_id, key in named.items() if _is_bad(known.get(file_id))}
    message = _("One of the files is dangerous or gone. Remove it, and hand in another copy.")
    return {
        page.key: message
        for page in state.pages()
        if bad.intersection(question.key for question in state.questions(page))
    }


def _is_bad(file: Any) -> bool:
    return file is None or file.is_deleted or file.scan is Scan.INFECTED


def refused_file(name: str, refusal: CommonwealError, question: FileQuestion) -> str:
    """Return why a file was refused and what to do, in a line below the question."""
    if isinstance(refusal, FileTypeRefused):
        words = {
            FileKind.PDF: _("a PDF"),
            FileKind.PHOTO: _("a photo (JPEG, PNG, HEIC)"),
            FileKind.DOCUMENT: _("a Word or OpenDocument text"),
            FileKind.TABLE: _("an Excel, OpenDocument or CSV table"),
            FileKind.TEXT: _("plain text"),
        }
        kinds = _(" or ").join(words[kind] for kind in question.kinds)
        what = _("We cannot take this kind of file here. Send {kinds}.").format(kinds=kinds)
    else:
        what = f"{refusal} {refusal.next_step}"
    return f"\N{FIRST STRONG ISOLATE}{readable_name(name)}\N{POP DIRECTIONAL ISOLATE}: {what}"
