"""Reads a programme's folder: parameters, models by date, summary.

A model's file is named for the day from which it applies, ``2022-10-01.dmn``, and, where it replaces another
only for those who knew of it, for the day on which it became known: ``2027-01-01@2026-11-05.dmn``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from commonweal.engines import dmn, parameters
from commonweal.engines.dmn.errors import DmnError
from commonweal.engines.feel import BOOLEAN, NUMBER, STRING
from commonweal.engines.feel.types import ContextType, ListType, Type, base_of
from commonweal.engines.parameters import Kind, Parameter, ParameterSet
from commonweal.kernel.base.declarations import Compilation
from commonweal.kernel.base.documents import Problem, Unreadable, parse_yaml, read_bytes
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.decisions.errors import BrokenLaw, LawNotFound
from commonweal.kernel.decisions.programmes import published

FOLDER = "law"
FIGURES = "parameters.yaml"
CASES = "cases.yaml"
SUMMARY = "summary.md"
_MODEL = re.compile(r"(\d{4}-\d{2}-\d{2})(?:@(\d{4}-\d{2}-\d{2}))?\.dmn")
_tried: ContextVar[tuple[str, Mapping[str, str]] | None] = ContextVar("law on trial", default=None)
_LEAVES = {Kind.NUMBER: NUMBER, Kind.TEXT: STRING, Kind.BOOLEAN: BOOLEAN}


@dataclass(frozen=True, eq=False)
class LawModel:
    """One decision model.

    Attributes:
        file: Its file's name.
        valid_from: First day on which it applies.
        known_from: First day on which it was public.
        text: The file.
        hash: SHA-256 of the text.
        compiled: Ready to decide.
    """

    file: str
    valid_from: date
    known_from: date
    text: str
    hash: str
    compiled: dmn.CompiledModel


@dataclass(frozen=True, eq=False)
class Programme:
    """The law of one programme.

    Attributes:
        key: The folder's name.
        name: As people know it.
        summary: One sentence.
        text: The plain-language summary, Markdown.
        parameters: Its figures.
        parameters_text: The file.
        models: By ``valid_from``, then ``known_from``.
    """

    key: str
    name: str
    summary: str
    text: str
    parameters: ParameterSet
    parameters_text: str
    models: tuple[LawModel, ...]

    def model_on(self, reference_on: date, known_on: date | None = None) -> LawModel | None:
        """Return the model in force on a day, as known on another."""
        found = None
        for model in self.models:
            if model.valid_from <= reference_on and (known_on is None or model.known_from <= known_on):
                found = model
        return found


def programme_keys(folder: Path | None = None) -> list[str]:
    """Return the keys of the programmes that a folder holds, sorted; without one, of all that count here.

    A programme that was begun in the browser has no folder before somebody puts it there.
    """
    found = {path.parent.name for path in ((folder or root()) / FOLDER).glob("*/parameters.yaml")}
    if folder is None:
        on_trial = _tried.get()
        found |= published.keys() | ({on_trial[0]} if on_trial is not None else set())
    return sorted(found)


def keys_for(compilation: Compilation) -> list[str]:
    """Return the keys of the programmes on which a service may rest: the folder's, or those that count here."""
    is_of_folder = compilation.from_folder or compilation.root != root()
    return programme_keys(compilation.root if is_of_folder else None)


@cache
def _loaded(folder: Path, key: str) -> Programme:
    if key not in programme_keys(folder):
        raise LawNotFound(programme=key)
    found, problems = read_programme(folder, key)
    if found is None:
        raise BrokenLaw(programme=key, problems=[problem for problem in problems if problem.is_error])
    return found


def programme(key: str) -> Programme:
    """Return a programme as it is in force here: as published last, else as its folder says; read once a process.

    Raises:
        LawNotFound: There is none.
        BrokenLaw: Its files do not compile.
    """
    on_trial = _tried.get()
    if on_trial is not None and on_trial[0] == key:
        return _tried_out(key, tuple(sorted(on_trial[1].items())))
    version = published.version_of(key)
    return _loaded(root(), key) if version is None else _published(key, version)


@lru_cache(maxsize=64)
def _published(key: str, version: UUID) -> Programme:
    return _compiled(key, published.files_of(version))


@lru_cache(maxsize=8)
def _tried_out(key: str, files: tuple[tuple[str, str], ...]) -> Programme:
    return _compiled(key, dict(files))


def _compiled(key: str, files: Mapping[str, str]) -> Programme:
    found, problems = read_texts(key, files)
    if found is None:
        raise BrokenLaw(programme=key, problems=[problem for problem in problems if problem.is_error])
    return found


def recorded(key: str, model_hash: str, parameters_hash: str) -> tuple[Programme, LawModel]:
    """Return a programme with one model by their hashes: that in force, or one of before.

    Another text may have been published between working a decision out and writing it down.

    Raises:
        LawNotFound: No text that was ever in force has these hashes.
    """
    for law in _ever(key):
        model = next((model for model in law.models if model.hash == model_hash), None)
        if model is not None and law.parameters.hash == parameters_hash:
            return law, model
    raise LawNotFound(programme=key, model=model_hash, parameters=parameters_hash)


def _ever(key: str) -> Iterator[Programme]:
    yield programme(key)
    for version in published.versions_of(key):
        yield _published(key, version)
    yield _loaded(root(), key)


@contextmanager
def on_trial(key: str, files: Mapping[str, str]) -> Iterator[None]:
    """Let a text of a programme count inside the block, to see what would come of it."""
    token = _tried.set((key, files))
    try:
        yield
    finally:
        _tried.reset(token)


def texts_in_force(key: str) -> dict[str, str]:
    """Return the text of a programme's files that counts: on trial, published last, or of its folder.

    Raises:
        Unreadable: There is no such folder.
    """
    on_trial = _tried.get()
    if on_trial is not None and on_trial[0] == key:
        return dict(on_trial[1])
    version = published.version_of(key)
    return texts_below(root(), key) if version is None else dict(published.files_of(version))


def texts_for(key: str, compilation: Compilation) -> dict[str, str]:
    """Return the law's text that a service is held against: the folder's, or that in force.

    Raises:
        Unreadable: There is no such folder.
    """
    if compilation.from_folder or compilation.root != root():
        return texts_below(compilation.root, key)
    return texts_in_force(key)


def texts_below(folder: Path, key: str) -> dict[str, str]:
    """Return the text of a programme's figures, models, cases and summary as the folder has them.

    Raises:
        Unreadable: One of them is no file of declarations, or there are no figures.
    """
    place = f"{FOLDER}/{key}"
    there = [name for name in (CASES, SUMMARY) if (folder / place / name).is_file()]
    models = sorted(path.name for path in (folder / place).glob("*.dmn"))
    try:
        return {name: read_bytes(folder, f"{place}/{name}").decode() for name in (FIGURES, *models, *there)}
    except UnicodeDecodeError:
        raise Unreadable(Problem(place, 0, 0, "document.encoding", "A file is not UTF-8 text.")) from None


def read_programme(folder: Path, key: str) -> tuple[Programme | None, list[Problem]]:
    """Read and compile a programme from its folder; return it (None where it has an error) and every problem."""
    try:
        files = texts_below(folder, key)
    except Unreadable as error:
        return None, [error.problem]
    return read_texts(key, files)


def read_texts(key: str, files: Mapping[str, str]) -> tuple[Programme | None, list[Problem]]:
    """Compile a programme from the text of its files; return it (None where it has an error) and every problem."""
    place = f"{FOLDER}/{key}"
    try:
        document = parse_yaml(files.get(FIGURES, "").encode(), f"{place}/{FIGURES}")
    except Unreadable as error:
        return None, [error.problem]
    figures, faults = parameters.read(document.data)
    problems = [
        document.problem(fault.path, fault.code, fault.message, fault.hint, is_error=fault.is_error)
        for fault in faults
    ]
    if figures is None:
        return None, problems
    if figures.programme != key:
        message = f"The programme '{figures.programme}' is not the folder's name."
        problems.append(document.problem(("programme",), "law.programme", message, f"Write '{key}'."))
    models = [
        _model(f"{place}/{name}", text, figures, problems)
        for name, text in sorted(files.items())
        if name.endswith(".dmn")
    ]
    if not models:
        message = "The programme has no model."
        problems.append(Problem(place, 0, 0, "law.model", message, "Write one, named <date>.dmn."))
    if any(problem.is_error for problem in problems):
        return None, problems
    return Programme(
        key=key,
        name=figures.name,
        summary=str(document.data.get("summary", "")),
        text=files.get(SUMMARY, ""),
        parameters=figures,
        parameters_text=files[FIGURES],
        models=tuple(
            sorted(
                (model for model in models if model), key=lambda model: (model.valid_from, model.known_from)
            )
        ),
    ), problems


def _model(file: str, text: str, figures: ParameterSet, problems: list[Problem]) -> LawModel | None:
    name = file.rpartition("/")[2]
    dates = _MODEL.fullmatch(name)
    if dates is None:
        message = "A model's file is named for the day from which it applies: 2026-10-01.dmn."
        problems.append(Problem(file, 0, 0, "law.file", message))
        return None
    digest = sha256(text.encode()).hexdigest()
    try:
        compiled = compiled_model(digest, text)
    except DmnError as error:
        problems.append(Problem(file, error.line or 0, 0, error.code, str(error)))
        return None
    problems += [
        Problem(
            file,
            found.line or 0,
            0,
            f"dmn.{found.kind}",
            f"{found.place}: {found.message}",
            is_error=found.is_error or found.kind == "unknown-entry",  # it would be null for ever
        )
        for found in compiled.problems
        if found.kind != "unchecked"
    ]
    problems += [
        Problem(file, 0, 0, "law.parameter", message) for message in law_differences(compiled, figures)
    ]
    valid_from = date.fromisoformat(dates[1])
    return LawModel(
        file, valid_from, date.fromisoformat(dates[2]) if dates[2] else date.min, text, digest, compiled
    )


@cache
def compiled_model(digest: str, text: str) -> dmn.CompiledModel:
    """Compile a model; the same text is compiled once a process.

    Raises:
        DmnError: It cannot be read.
    """
    return dmn.compile(dmn.read(text.encode()))


def law_differences(compiled: dmn.CompiledModel, figures: ParameterSet) -> list[str]:
    """Say where what a model takes as ``law`` differs from the parameters there are."""
    wanted = base_of(compiled.inputs["law"]) if "law" in compiled.inputs else ContextType()
    if not isinstance(wanted, ContextType):
        return ["The input 'law' must be a context."]
    found = []
    for name, type_ in wanted.members:
        parameter = figures.parameters.get(name)
        if parameter is None:
            found.append(f"The model asks for law.{name}, which parameters.yaml does not have.")
        elif not parameter_type(parameter).conforms_to(type_):
            found.append(f"law.{name} is {parameter_type(parameter)}, the model takes it for {type_}.")
    return found


def parameter_type(parameter: Parameter) -> Type:
    """Return the FEEL type of a parameter's value."""
    band = ListType(ContextType.of({"above": NUMBER, "value": NUMBER}))
    type_: Type = _LEAVES.get(parameter.kind, band)
    for dimension in reversed(parameter.by):
        type_ = (
            ListType(type_)
            if dimension.is_numbered
            else ContextType.of(dict.fromkeys(dimension.names, type_))
        )
    return type_


def law_type(figures: ParameterSet) -> ContextType:
    """Return the FEEL type of ``law`` for a programme."""
    return ContextType.of({parameter.key: parameter_type(parameter) for parameter in figures})


@cache
def from_texts(
    key: str, model_file: str, model_text: str, parameters_text: str
) -> tuple[Programme, LawModel]:
    """Return a programme as it was recorded with a decision.

    Raises:
        BrokenLaw: This release cannot read it any more.
    """
    figures, _ = parameters.read(parse_yaml(parameters_text.encode(), f"{FOLDER}/{key}/parameters.yaml").data)
    problems: list[Problem] = []
    model = _model(model_file, model_text, figures, problems) if figures else None
    if figures is None or model is None:
        raise BrokenLaw(programme=key, problems=problems)
    return Programme(key, figures.name, "", "", figures, parameters_text, (model,)), model


PROPOSED = "proposed.dmn"
"""What stands in the place of a file's name for a model that is in no folder."""


def read_proposed(law: Programme, text: str) -> tuple[LawModel | None, list[str]]:
    """Read a model that somebody proposes for a programme; return it, or None and what is wrong."""
    digest = sha256(text.encode()).hexdigest()
    try:
        compiled = dmn.compile(dmn.read(text.encode()))
    except DmnError as error:
        where = f"Line {error.line}: " if error.line else ""
        return None, [f"{where}{error}"]
    wrong = [
        f"{found.place}: {found.message}"
        for found in compiled.problems
        if found.is_error and found.kind != "unchecked"
    ]
    wrong += law_differences(compiled, law.parameters)
    if wrong:
        return None, wrong
    return LawModel(PROPOSED, date.min, date.min, text, digest, compiled), []
