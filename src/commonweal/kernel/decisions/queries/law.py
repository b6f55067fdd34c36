"""The programmes of law: in force, on a day, kept, proposed and on trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from commonweal.engines.parameters import Entry, Parameter, ParameterSet, Snapshot
from commonweal.kernel.base.declarations import Compilation
from commonweal.kernel.base.documents import Problem
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.decisions.errors import LawNotFound
from commonweal.kernel.decisions.models import LawVersion
from commonweal.kernel.decisions.programmes.cases import check_cases_in
from commonweal.kernel.decisions.programmes.differences import law_changes
from commonweal.kernel.decisions.programmes.reading import (
    CASES,
    FOLDER,
    LawModel,
    Programme,
    from_texts,
    on_trial,
    programme,
    programme_keys,
    read_programme,
    read_proposed,
    read_texts,
    texts_for,
    texts_in_force,
)
from commonweal.kernel.decisions.types import CompiledDecision


@dataclass(frozen=True)
class ParameterState:
    """A parameter on a day, as known on a day.

    Attributes:
        programme: Whose it is.
        parameter: All about it.
        entry: What counts; None where it is unknown.
        unknown: Why it is unknown, in words that name it.
    """

    programme: Programme
    parameter: Parameter
    entry: Entry | None
    unknown: str


def programmes() -> list[Programme]:
    """Return the programmes of law that the jurisdiction holds, by key."""
    return [programme(key) for key in programme_keys()]


def programme_below(root: Path, key: str) -> Programme | None:
    """Return a programme of a jurisdiction's folder, read anew; None where it has an error."""
    return read_programme(root, key)[0]


def programme_on(
    key: str, reference_on: date, known_on: date | None = None
) -> tuple[Programme, LawModel | None, Snapshot]:
    """Return a programme with its model and its figures on a day, as known on another.

    Raises:
        LawNotFound: There is no such programme.
    """
    found = programme(key)
    return found, found.model_on(reference_on, known_on), found.parameters.at(reference_on, known_on)


def parameter_on(key: str, name: str, reference_on: date, known_on: date | None = None) -> ParameterState:
    """Answer what a parameter was on a day, as known on another.

    Raises:
        LawNotFound: There is no such programme or parameter.
    """
    found, _, snapshot = programme_on(key, reference_on, known_on)
    parameter = found.parameters.parameters.get(name)
    if parameter is None:
        raise LawNotFound(programme=key, parameter=name)
    return ParameterState(found, parameter, snapshot.entries.get(name), snapshot.unknown.get(name, ""))


@dataclass(frozen=True, slots=True)
class CheckedLaw:
    """What is to be said of a text of a programme.

    Attributes:
        programme: Ready to decide; None where its own files have a mistake.
        problems: Every error and warning, those of the services that rest on it too.
    """

    programme: Programme | None
    problems: Sequence[Problem]

    @property
    def errors(self) -> list[Problem]:
        """What stops it from being published."""
        return [problem for problem in self.problems if problem.is_error]


def law_text(key: str) -> dict[str, str]:
    """Return the text of a programme's files that is in force, by name.

    Raises:
        LawNotFound: There is no such programme.
    """
    if key not in programme_keys():
        raise LawNotFound(programme=key)
    return texts_in_force(key)


def is_law(key: str) -> bool:
    """Whether there is a programme of this name: in the folder, or published."""
    return key in programme_keys()


@contextmanager
def law_on_trial(key: str, files: Mapping[str, str]) -> Iterator[None]:
    """Let a text of a programme count inside the block, as if it were in force: to compile, rehearse and decide with it."""
    with on_trial(key, files):
        yield


def text_hash(files: Mapping[str, str]) -> str:
    """Return the hash of a programme's text."""
    return catalogue.content_hash(files)


def check_law(key: str, files: Mapping[str, str], *, with_services: bool = True) -> CheckedLaw:
    """Compile a text of a programme, decide its worked cases, and try every service that rests on it.

    Args:
        key: The programme.
        files: Text by name.
        with_services: Whether services are compiled with it and their worked cases decided; that takes longer.
    """
    law, problems = read_texts(key, files)
    if law is None:
        return CheckedLaw(None, problems)
    if CASES in files:
        problems += check_cases_in(files[CASES], law)
    if with_services and not any(problem.is_error for problem in problems):
        with on_trial(key, files):
            for service in services_on(key):
                version = catalogue.version_files(service.version_id)
                found = catalogue.compile_text(service.key, version)[1]
                problems += [one for one in found if one.is_error and not one.file.startswith(f"{FOLDER}/")]
    return CheckedLaw(law, list(dict.fromkeys(problems)))


def changes_in_law(before: Mapping[str, str], after: Mapping[str, str]) -> list[catalogue.Difference]:
    """Return what changes from one text of a programme to another, its figures value by value."""
    return law_changes(before, after)


def unit_text(unit: str) -> str:
    """Write the unit of a figure in words."""
    whole, _slash, per = unit.partition("/")
    names = {"text": "", "yes-no": "", "share": _("(1 is the whole)"), "factor": _("times")}
    first = names.get(whole, whole)
    periods = {
        "month": _("a month"),
        "year": _("a year"),
        "week": _("a week"),
        "day": _("a day"),
        "hour": _("an hour"),
    }
    return f"{first} {periods.get(per, per)}".strip()


def figures_for(compilation: Compilation) -> ParameterSet | None:
    """Return the figures of the law that a service on its way through the compiler rests on; None where it rests on none."""
    decision = compilation.compiled.get("decision")
    if not isinstance(decision, CompiledDecision):
        return None
    key = decision.spec.programme
    law = read_texts(key, texts_for(key, compilation))[0]
    return law.parameters if law else None


def may_publish_law() -> bool:
    """Whether this installation takes a law that was published, and not its folder's text alone."""
    return bool(settings.COMMONWEAL_LAW_LOOK_SECONDS)


def agencies_by_law() -> list[tuple[str, str]]:
    """Return each programme with each agency whose live services rest on it."""
    found = {
        (decision.spec.programme, service.info.agency)
        for service in catalogue.live_services("")
        if isinstance(decision := service.compiled.sections.get("decision"), CompiledDecision)
    }
    return sorted(found)


def services_on(key: str) -> list[catalogue.Service]:
    """Return the live services that rest on a programme."""
    return [
        service
        for service in catalogue.live_services("")
        if isinstance(decision := service.compiled.sections.get("decision"), CompiledDecision)
        and decision.spec.programme == key
    ]


def kept_law(law_id: UUID) -> tuple[Programme, LawModel]:
    """Return a programme with one model as they were when they were kept, whatever the files say now.

    Raises:
        LawNotFound: Nothing is kept under this id.
        BrokenLaw: This release cannot read it any more.
    """
    kept = LawVersion.objects.filter(pk=law_id).order_by("pk").first()
    if kept is None:
        raise LawNotFound(law=str(law_id))
    return from_texts(kept.programme, kept.model_file, kept.model_text, kept.parameters_text)


def proposed_model(key: str, text: str) -> tuple[LawModel | None, list[str]]:
    """Read a model that somebody proposes for a programme; nothing is stored.

    Args:
        key: The programme, whose parameters the model is held against.
        text: The DMN file.

    Returns:
        The model, or None and what is wrong, one sentence each.

    Raises:
        LawNotFound: There is no such programme.
    """
    return read_proposed(programme(key), text)
