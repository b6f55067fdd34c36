"""The API's door to the law: programmes, and their figures on a day, as known on a day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, cast

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from commonweal.engines import feel
from commonweal.engines.dmn.facts import to_json
from commonweal.engines.parameters import Entry, Gap, Parameter, Snapshot
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.clock import today
from commonweal.kernel.base.errors import Invalid
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.decisions import queries
from commonweal.kernel.decisions.programmes.reading import LawModel

router = Router()
routers.register(ApiRouter("decisions", "", router))

On = Annotated[date | None, Query(description="The day whose law applies; today if left out.")]
KnownOn = Annotated[
    date | None, Query(description="The law as known on this day; all that we hold if left out.")
]
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)


class Source(Schema):
    """Where the law says so."""

    text: str
    url: str


class Value(Schema):
    """One value for one period.

    Attributes:
        valid_from: First day on which it applies.
        valid_until: Last day; null until another value begins.
        known_from: First day on which it was public.
        value: A number, text, truth value, or a table of them; null where it is declared as unknown.
        unknown: Why it is unknown.
        reference: The source.
        corrects: Why it replaces a value that began on the same day.
        note: Anything that a reader should know.
    """

    valid_from: date
    valid_until: date | None
    known_from: date
    value: Any
    unknown: str
    reference: Source
    corrects: str
    note: str

    @classmethod
    def of(cls, entry: Entry) -> Value:
        """Write an entry for the API."""
        return cls(
            valid_from=entry.valid_from,
            valid_until=entry.valid_until,
            known_from=entry.known_from,
            value=to_json(cast("feel.Value", entry.value)),
            unknown=entry.unknown,
            reference=Source(text=entry.reference.text, url=entry.reference.url),
            corrects=entry.corrects,
            note=entry.note,
        )


class Model(Schema):
    """A decision model of a programme.

    Attributes:
        file: Its file.
        valid_from: First day on which it applies.
        hash: SHA-256 of its text.
    """

    file: str
    valid_from: date
    hash: str


class ProgrammeCard(Schema):
    """A programme of law.

    Attributes:
        key: The folder's name.
        name: As people know it.
        summary: One sentence.
        parameters: How many figures it has.
        parameters_hash: SHA-256 of the figures.
        models: Its decision models.
    """

    key: str
    name: str
    summary: str
    parameters: int
    parameters_hash: str
    models: list[Model]


class ProgrammeList(Schema):
    """Every programme that the jurisdiction runs; the list is as long as its folder of law."""

    items: list[ProgrammeCard]


class Figure(Schema):
    """A figure on a day, as known on a day.

    Attributes:
        key: Its name, in FEEL after ``law.``.
        label: As people read it.
        unit: For example ``USD/month``.
        kind: number, text, boolean or scale.
        current: What counts on the day; null where it is unknown.
        unknown: Why it is unknown, in words that name it.
    """

    key: str
    label: str
    unit: str
    kind: str
    current: Value | None
    unknown: str


class FigureList(Schema):
    """Every figure of a programme on a day, as known on a day; as many as the programme declares.

    Attributes:
        programme: Key of the programme.
        on: The day whose law it is.
        known_on: As known on this day; null for all that we hold.
        model: The decision model in force; null where there is none.
        items: In the order written.
    """

    programme: str
    on: date
    known_on: date | None
    model: Model | None
    items: list[Figure]


class Table(Schema):
    """A key of a table of figures.

    Attributes:
        key: What it stands for.
        label: As people read it.
        names: Its values, in order.
    """

    key: str
    label: str
    names: list[str]


class Missing(Schema):
    """Days for which there is no value; ``until`` is null where no end is in sight."""

    since: date
    until: date | None
    why: str


class FigureDetail(Figure):
    """A figure with its history.

    Attributes:
        programme: Key of the programme.
        on: The day whose law it is.
        known_on: As known on this day; null for all that we hold.
        description: What it is for.
        by: The keys of its table, outermost first; empty for a single value.
        history: Every value that was known by ``known_on``, the oldest first; corrected ones too.
        gaps: Days without a value.
    """

    programme: str
    on: date
    known_on: date | None
    description: str
    by: list[Table]
    history: list[Value]
    gaps: list[Missing]


def _model(model: LawModel) -> Model:
    return Model(file=model.file, valid_from=model.valid_from, hash=model.hash)


def _figure(parameter: Parameter, snapshot: Snapshot) -> dict[str, Any]:
    entry = snapshot.entries.get(parameter.key)
    return {
        "key": parameter.key,
        "label": parameter.label,
        "unit": parameter.unit,
        "kind": parameter.kind.value,
        "current": Value.of(entry) if entry is not None else None,
        "unknown": snapshot.unknown.get(parameter.key, ""),
    }


def _missing(gap: Gap) -> Missing:
    return Missing(since=gap.since, until=gap.until, why=gap.why)


def _days(on: date | None, known_on: date | None) -> tuple[date, date | None]:
    given = {"on": on, "known_on": known_on}
    wrong = {
        name: _("Enter a day between 1900 and 2200.")
        for name, day in given.items()
        if day is not None and not _EARLIEST <= day <= _LATEST
    }
    if wrong:
        raise Invalid(wrong)
    return on or today(), known_on


@router.get("/law/programmes", response={200: ProgrammeList, **PROBLEMS}, summary="List the law")
@operation(allows=anyone, discloses=NOTHING)
def programmes(request: ActorRequest) -> ProgrammeList:
    """Return the programmes of law that are run here."""
    return ProgrammeList(
        items=[
            ProgrammeCard(
                key=law.key,
                name=law.name,
                summary=law.summary,
                parameters=len(law.parameters.parameters),
                parameters_hash=law.parameters.hash,
                models=[_model(model) for model in law.models],
            )
            for law in queries.programmes()
        ]
    )


@router.get(
    "/law/programmes/{programme}/parameters",
    response={200: FigureList, **PROBLEMS},
    summary="Show the figures of a programme on a day",
)
@operation(allows=anyone, discloses=NOTHING)
def parameters(request: ActorRequest, programme: str, on: On = None, known_on: KnownOn = None) -> FigureList:
    """Answer what the law was on a day, as known on another."""
    day, known = _days(on, known_on)
    law, model, snapshot = queries.programme_on(programme, day, known)
    return FigureList(
        programme=law.key,
        on=day,
        known_on=known,
        model=_model(model) if model else None,
        items=[Figure(**_figure(parameter, snapshot)) for parameter in law.parameters],
    )


@router.get(
    "/law/programmes/{programme}/parameters/{key}",
    response={200: FigureDetail, **PROBLEMS},
    summary="Show a figure with its history",
)
@operation(allows=anyone, discloses=NOTHING)
def parameter(
    request: ActorRequest, programme: str, key: str, on: On = None, known_on: KnownOn = None
) -> FigureDetail:
    """Return a figure on a day, as known on another, and every value that was known by then."""
    day, known = _days(on, known_on)
    found = queries.parameter_on(programme, key, day, known).parameter
    _law, _, snapshot = queries.programme_on(programme, day, known)
    return FigureDetail(
        **_figure(found, snapshot),
        programme=programme,
        on=day,
        known_on=known,
        description=found.description,
        by=[Table(key=each.key, label=each.label, names=list(each.names)) for each in found.by],
        history=[Value.of(entry) for entry in found.entries if known is None or entry.known_from <= known],
        gaps=[_missing(gap) for gap in found.gaps()],
    )
