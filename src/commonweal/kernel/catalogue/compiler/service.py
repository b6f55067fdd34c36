"""Compiles one service: its info, then each section that an app has registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.documents import Document, Path_, Problem, Unreadable, parse_yaml, read_yaml
from commonweal.kernel.base.jurisdiction import load
from commonweal.kernel.base.schemas import closest, schema_problems
from commonweal.kernel.catalogue.compiler.folder import content_hash, locale_hash, read_folder
from commonweal.kernel.catalogue.compiler.translations import (
    check_reading,
    check_translations,
    read_translations,
)
from commonweal.kernel.catalogue.types import CompiledService, LifeEvent, LifeEvents, ServiceInfo

MAIN = "service.yaml"
LIFE_EVENTS = "life-events.yaml"


def compile_service(root: Path, folder: str) -> tuple[CompiledService | None, list[Problem]]:
    """Compile a service's folder.

    Args:
        root: The jurisdiction's folder.
        folder: The service's own, relative to it, for example ``services/food-assistance``.

    Returns:
        The service, or None if it has errors; and every error and warning, in the order of the files.
    """
    try:
        files = read_folder(root, folder)
    except Unreadable as error:
        return None, [error.problem]
    return compile_files(root, folder, files, from_folder=True)


def compile_files(
    root: Path, folder: str, files: Mapping[str, str], *, from_folder: bool = False
) -> tuple[CompiledService | None, list[Problem]]:
    """Compile a service from the text of its files, as :func:`compile_service` does from a folder.

    Args:
        root: The jurisdiction's folder.
        folder: The service's own, relative to it.
        files: Text by path inside that folder.
        from_folder: Whether the law is that of the jurisdiction's folder, too; else the law in force counts.
    """
    try:
        compilation = Compilation(
            root,
            folder,
            folder.rpartition("/")[2],
            jurisdiction=load(root),
            files=dict(files),
            from_folder=from_folder,
        )
        service = _compile(compilation)
    except Unreadable as error:
        return None, [error.problem]
    problems = sorted(dict.fromkeys(compilation.problems), key=_place)
    has_errors = any(problem.is_error for problem in problems)
    return (None if has_errors else service), problems


@cache
def life_events(root: Path) -> tuple[LifeEvent, ...]:
    """Return the life events that a jurisdiction declares, in its order.

    Raises:
        Unreadable: The file is missing or wrong.
    """
    document = read_yaml(root, LIFE_EVENTS)
    try:
        return LifeEvents.model_validate(document.data).life_events
    except ValidationError as error:
        raise Unreadable(schema_problems(document, error, schema=LifeEvents)[0]) from None


def _place(problem: Problem) -> tuple[bool, str, int, int]:
    return (not problem.file.endswith(MAIN), problem.file, problem.line, problem.column)


def _compile(compilation: Compilation) -> CompiledService | None:
    document = _document(compilation, MAIN)
    info = _info(document, compilation)
    if info is not None:
        compilation.compiled["info"] = info
    _compile_sections(document, compilation)
    if info is not None:
        compilation.problems += _missing_evidence(info, document, compilation)
    _refuse_strangers(document, compilation)
    if info is None:
        return None
    translations = read_translations(compilation, info)
    if not any(problem.is_error for problem in compilation.problems):
        check_translations(compilation, info, translations)
        check_reading(compilation, info, translations)
    return CompiledService(
        key=info.key,
        hash=content_hash(compilation.files),
        locale_hash=locale_hash(compilation.files),
        info=info,
        sections={key: part for key, part in compilation.compiled.items() if key != "info"},
        translations=translations,
    )


def _compile_sections(document: Document, compilation: Compilation) -> None:
    """Compile each section in order, then let each look across all."""
    sources: dict[str, Source | None] = {}
    ordered = sorted(sections, key=lambda section: section.order)
    for section in ordered:
        is_readable, source = _source(section, document, compilation)
        compilation.compiled[section.key] = section.compile(source, compilation) if is_readable else None
        if is_readable:
            sources[section.key] = source
    for section in ordered:
        if section.key in sources:
            section.check(compilation.compiled[section.key], sources[section.key], compilation)
    if len(sources) < len(
        ordered
    ):  # names of what cannot be read are missing everywhere: one mistake, not twenty
        compilation.problems[:] = [one for one in compilation.problems if one.code != "feel.unknown-name"]


def _document(compilation: Compilation, name: str) -> Document:
    file = f"{compilation.folder}/{name}"
    if name not in compilation.files:
        hint = "Every service has one; see docs/guides/write-a-service.md."
        raise Unreadable(Problem(file, 0, 0, "document.path", "There is no such file.", hint))
    document = parse_yaml(compilation.files[name].encode(), file)
    if not isinstance(document.data, dict):
        message = "The file must consist of `key: value` lines."
        raise Unreadable(Problem(file, 1, 1, "document.shape", message))
    return document


def _info(document: Document, compilation: Compilation) -> ServiceInfo | None:
    own = {key: value for key, value in document.data.items() if key not in sections}
    try:
        info = ServiceInfo.model_validate(own)
    except ValidationError as error:
        also = tuple(sections.keys())
        compilation.problems += schema_problems(document, error, schema=ServiceInfo, also=also)
        return None
    compilation.problems += _cross_check(info, document, compilation)
    return info


def _cross_check(info: ServiceInfo, document: Document, compilation: Compilation) -> list[Problem]:
    """Compare the info with the jurisdiction: the folder's name, agency, languages, life events, registers."""
    root, jurisdiction = compilation.root, compilation.jurisdiction
    problems = []
    if info.key != compilation.key:
        message = f"The key '{info.key}' is not the folder's name."
        hint = f"Write '{compilation.key}', or rename the folder."
        problems.append(document.problem(("key",), "service.key", message, hint))
    agencies = [agency.key for agency in jurisdiction.agencies]
    events = [event.key for event in life_events(root)] if info.life_events else []
    registers = [path.stem for path in sorted((root / "registers").glob("*.yaml"))]
    named: list[tuple[Path_, str, list[str], str]] = [
        (("agency",), info.agency, agencies, "There is no agency '{}' in jurisdiction.yaml."),
        *(
            (
                ("languages", at),
                language,
                list(jurisdiction.languages),
                "The jurisdiction does not speak '{}'.",
            )
            for at, language in enumerate(info.languages)
        ),
        *(
            (("life_events", at), event, events, "There is no life event '{}' in life-events.yaml.")
            for at, event in enumerate(info.life_events)
        ),
        *(
            (
                ("evidence", at, "register"),
                one.register_key,
                registers,
                "There is no register '{}' in registers.",
            )
            for at, one in enumerate(info.evidence)
            if one.register_key
        ),
    ]
    for path, word, known, message in named:
        if word not in known:
            code = f"service.{str(path[-1] if path[-1] == 'register' else path[0]).replace('_', '-')}"
            problems.append(document.problem(path, code, message.format(word), closest(word, known)))
    return problems


def _missing_evidence(info: ServiceInfo, document: Document, compilation: Compilation) -> list[Problem]:
    """Find evidence that has to be shown and that nothing supplies, where the service has a form."""
    form = compilation.compiled.get("form")
    if form is None:
        return []
    questions = sorted(question.key for question in form.questions)
    problems = []
    for at, one in enumerate(info.evidence):
        if one.question is not None and one.question not in questions:
            message = f"The form has no question '{one.question}'."
            hint = closest(one.question, questions)
            problems.append(document.problem(("evidence", at, "question"), "service.question", message, hint))
        elif one.is_required and not (one.question or one.register_key or one.is_requested):
            message = (
                f"Nothing supplies '{one.key}': no register, no question of the form, and no officer asks."
            )
            hint = "Name a 'register' or a 'question', write 'on_request: true', or 'required: false'."
            problems.append(document.problem(("evidence", at), "service.evidence-missing", message, hint))
    return problems


def _source(section: Section, document: Document, compilation: Compilation) -> tuple[bool, Source | None]:
    """Return whether the section can be compiled at all, and its validated text."""
    name = f"{section.key}.yaml"
    is_inside, is_beside = section.key in document.data, name in compilation.files
    if is_inside and is_beside:
        message = f"The section '{section.key}' stands here and in {name}."
        compilation.problems.append(
            document.problem((section.key,), "service.section-twice", message, "Keep one of the two.")
        )
        return False, None
    if not is_inside and not is_beside:
        if section.is_required:
            message = f"The section '{section.key}' is missing."
            hint = f"Write it under '{section.key}:' here, or in a file {name}."
            compilation.problems.append(document.problem((), "service.section-missing", message, hint))
        return not section.is_required, None
    try:
        place = document if is_inside else _document(compilation, name)
    except Unreadable as error:
        compilation.problems.append(error.problem)
        return False, None
    path = (section.key,) if is_inside else ()
    return _validated(section, place, path, compilation)


def _validated(
    section: Section, document: Document, path: tuple[str, ...], compilation: Compilation
) -> tuple[bool, Source | None]:
    raw: Any = document.data[path[0]] if path else document.data
    try:
        value = section.schema.model_validate(raw)
    except ValidationError as error:
        compilation.problems += schema_problems(document, error, at=path, schema=section.schema)
        return False, None
    return True, Source(document, path, value)


def _refuse_strangers(document: Document, compilation: Compilation) -> None:
    """Refuse files that no section reads, for their name is probably misspelt."""
    known = [MAIN, *(f"{key}.yaml" for key in sections.keys())]  # noqa: SIM118 - a registry, not a dict
    for name in compilation.files:
        if "/" not in name and name.endswith(".yaml") and name not in known:
            message = "No section of a service is read from this file."
            compilation.problems.append(
                Problem(f"{compilation.folder}/{name}", 0, 0, "service.file", message, closest(name, known))
            )


def with_version(service: CompiledService, version_id: Any, number: int) -> CompiledService:
    """Return the service as one stored version of it."""
    return replace(service, version_id=version_id, number=number)
