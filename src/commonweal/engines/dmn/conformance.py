"""Runs test cases in the layout of the DMN Technology Compatibility Kit.

Any folder will do: below it, a folder with models and cases is one test. Prints
``passed/total`` for each folder and in total; for each failure what was expected and what
came out. Numbers are equal within 1e-8. A case that expects an error passes when the outcome
is null. ``now()`` is a fixed moment.

Source: https://dmn-tck.github.io/tck/, testCases.xsd.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from commonweal.engines.dmn.compile import compile_model
from commonweal.engines.dmn.compiled import CompiledModel, Result
from commonweal.engines.dmn.errors import DmnError, NameUnknownError
from commonweal.engines.dmn.facts import text_of
from commonweal.engines.dmn.read_xml import folder_imports, read
from commonweal.engines.dmn.tck import Case, CaseFile, Expectation, Raw, RawValue, read_cases
from commonweal.engines.feel.types import ANY, ContextType, ListType, Type, Value, base_of
from commonweal.engines.feel.values.numbers import parse_number
from commonweal.engines.feel.values.temporal import parse_date, parse_date_time, parse_duration, parse_time

TOLERANCE = Decimal("1e-8")
NOW = dt.datetime(2026, 9, 15, 12, 30, tzinfo=dt.UTC)
LEVELS = ("compliance-level-2", "compliance-level-3")


@dataclass(slots=True)
class Failure:
    """One case that did not come out as expected."""

    case: str
    node: str
    expected: str
    got: str
    note: str = ""


@dataclass(slots=True)
class Outcome:
    """What became of the cases of one folder."""

    folder: str
    total: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def passed(self) -> int:
        """How many cases came out as expected."""
        return self.total - len({failure.case for failure in self.failures})


# ---- values ------------------------------------------------------------------------------


def feel_value(raw: RawValue, type_: Type = ANY) -> Value:
    """A value of a case as one of FEEL; one without an XML type is read as its declared type."""
    base = base_of(type_)
    if isinstance(raw, list):
        element = base.element if isinstance(base, ListType) else ANY
        return [feel_value(item, element) for item in raw]
    if isinstance(raw, dict):
        members = dict(base.members) if isinstance(base, ContextType) else {}
        return {name: feel_value(item, members.get(name, ANY)) for name, item in raw.items()}
    return _simple(raw, base)


_BY_TYPE = {
    "number": "decimal",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "dateTime",
    "days and time duration": "duration",
    "years and months duration": "duration",
}


def _simple(raw: Raw, base: Type) -> Value:
    if raw.text is None:
        return None
    text, kind = raw.text.strip(), raw.type or _BY_TYPE.get(base.name, "string")
    if kind == "boolean":
        return text in {"true", "1"}
    if kind in {"decimal", "double", "float", "integer", "int", "long"}:
        return parse_number(text)
    if kind == "date":
        return parse_date(text)
    if kind == "time":
        return parse_time(text)
    if kind == "dateTime":
        return parse_date_time(text)
    if kind in {"duration", "dayTimeDuration", "yearMonthDuration"}:
        return parse_duration(text)
    return raw.text


def equal(expected: Value, got: Value) -> bool:
    """Are the values equal, numbers within 1e-8?"""
    if isinstance(expected, Decimal) and isinstance(got, Decimal):
        return expected == got or abs(expected - got) <= TOLERANCE
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(equal, expected, got))
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(equal(expected[key], got[key]) for key in expected)
    return type(expected) is type(got) and expected == got


# ---- cases -------------------------------------------------------------------------------


def run_folder(folder: Path, name: str) -> Outcome:
    """Run all cases of one folder."""
    outcome = Outcome(name)
    compiled: dict[str, CompiledModel] = {}
    for path in sorted(folder.glob("*.xml")):
        try:
            file = read_cases(path)
        except DmnError as error:
            outcome.total += 1
            outcome.failures.append(Failure(path.stem, "*", "a file of cases", str(error)))
            continue
        outcome.total += len(file.cases)
        try:
            model = compiled.get(file.model) or compile_model(
                read(_model_path(folder, file), imports=folder_imports(folder))
            )
        except DmnError as error:
            failed = (Failure(f"{path.stem}/{c.id}", "*", "a model", str(error)) for c in file.cases)
            outcome.failures.extend(failed)
            continue
        compiled[file.model] = model
        for case in file.cases:
            outcome.failures.extend(_failures(case, file, model))
    return outcome


def _model_path(folder: Path, file: CaseFile) -> Path:
    if file.model and (folder / file.model).is_file():
        return folder / file.model
    models = sorted(folder.glob("*.dmn"))
    return next((path for path in models if path.stem in {file.model, file.path.stem}), models[0])


def _failures(case: Case, file: CaseFile, compiled: CompiledModel) -> Iterator[Failure]:
    facts = _facts(case, compiled)
    case_id = f"{file.path.stem}/{case.id}"
    for expectation in case.expectations:
        try:
            result = _result(case, expectation, facts, compiled)
        except NameUnknownError as error:
            if not expectation.is_error:
                yield Failure(case_id, expectation.name, "a result", "none", str(error))
            continue
        except DmnError as error:
            result = Result(None)
            note = str(error)
        else:
            note = "; ".join(f"{w.code}: {w.message}" for w in result.warnings[:3])
        expected = (
            None if expectation.value is None else feel_value(expectation.value, _type(expectation, compiled))
        )
        if not equal(expected, result.value):
            yield Failure(case_id, expectation.name, text_of(expected), text_of(result.value), note)


def _type(expectation: Expectation, compiled: CompiledModel) -> Type:
    for node in compiled.graph.nodes:
        if not node.path and node.element.name == expectation.name:
            return compiled.types.get(node.index, ANY)
    return ANY


def _facts(case: Case, compiled: CompiledModel) -> dict[str, object]:
    facts: dict[str, object] = {}
    for fact in case.facts:
        names = [
            n
            for n in compiled.graph.nodes
            if n.name == fact.name and fact.namespace in {None, n.instance.model.namespace}
        ]
        type_ = compiled.types.get(names[0].index, ANY) if names else ANY
        value = feel_value(fact.value, type_)
        keys = [n.full_name for n in names] if fact.namespace is not None else []
        for key in keys or [fact.name]:
            facts[key] = value
    return facts


def _result(
    case: Case, expectation: Expectation, facts: dict[str, object], compiled: CompiledModel
) -> Result:
    if case.kind == "decisionService" and case.invocable:
        return _of_service(case.invocable, expectation.name, facts, compiled)
    if case.kind == "bkm" and case.invocable:
        return compiled.call(case.invocable, facts, now=NOW)
    name = _full_name(expectation, compiled)
    if name in compiled.services and name not in compiled.decisions:
        return compiled.invoke(name, facts, now=NOW)
    return compiled.decide(name, facts, now=NOW)


def _of_service(service: str, decision: str, facts: dict[str, object], compiled: CompiledModel) -> Result:
    """What a service gives for one of its output decisions."""
    result = compiled.invoke(service, facts, now=NOW)
    outputs = next((s.output_decisions for s in compiled.model.services if s.name == service), ())
    if len(outputs) > 1 and isinstance(result.value, dict) and decision in result.value:
        return Result(result.value[decision], result.warnings)
    return result


def _full_name(expectation: Expectation, compiled: CompiledModel) -> str:
    if expectation.namespace is not None:
        for node in compiled.graph.nodes:
            if (
                node.element.name == expectation.name
                and node.instance.model.namespace == expectation.namespace
            ):
                return node.full_name
    return expectation.name


# ---- command -----------------------------------------------------------------------------


def test_folders(suite: Path) -> list[tuple[str, Path]]:
    """The folders with models and cases below a suite; of a kit's levels, the official ones."""
    roots = [suite / level for level in LEVELS if (suite / level).is_dir()]
    if not roots and (suite / "TestCases").is_dir():
        return test_folders(suite / "TestCases")
    found = {path.parent for root in roots or [suite] for path in root.rglob("*.dmn")}
    return [
        (folder.name if folder == suite else str(folder.relative_to(suite)), folder)
        for folder in sorted(found)
        if list(folder.glob("*.xml"))
    ]


def suite_folder(given: str | None) -> Path | None:
    """Where the suite is: as given, else below COMMONWEAL_SUITES, else beside the repository."""
    if given is not None:
        return Path(given)
    here = Path(__file__).resolve().parents[4]
    named = os.environ.get("COMMONWEAL_SUITES")
    places = [Path(named) / "dmn-tck"] if named else []
    if named and (Path(named) / "TestCases").is_dir():
        return Path(named)
    for place in (*places, here.parent / "shared" / "suites" / "dmn-tck", Path("../shared/suites/dmn-tck")):
        if place.is_dir():
            return place
    return None


def main(argv: list[str] | None = None) -> int:
    """Run a suite and print the outcome.

    Returns:
        0 when every case passes or there is no suite, 1 otherwise, 2 for a folder that is not there.
    """
    parser = argparse.ArgumentParser(prog="conformance dmn", description=__doc__.partition("\n")[0])
    parser.add_argument("--suite", help="a folder with test cases, or one test folder")
    parser.add_argument("--only", default="", help="run only folders whose name holds this text")
    parser.add_argument("--failures", type=int, default=20, help="failures shown for each folder")
    options = parser.parse_args(argv)
    suite = suite_folder(options.suite)
    if suite is None:
        _say("dmn: SKIPPED: no suite; give --suite DIR or set COMMONWEAL_SUITES")
        return 0
    if not suite.is_dir():
        _say(f"dmn: no folder {suite}")
        return 2
    outcomes = [run_folder(folder, name) for name, folder in test_folders(suite) if options.only in name]
    for outcome in outcomes:
        _say(f"{outcome.folder}: {outcome.passed}/{outcome.total}")
        for failure in outcome.failures[: options.failures]:
            _say(
                f"  {failure.case} {failure.node}: expected {failure.expected}, got {failure.got}  {failure.note}"[
                    :400
                ]
            )
    passed, total = sum(o.passed for o in outcomes), sum(o.total for o in outcomes)
    _say(f"dmn: {passed}/{total}")
    return 0 if passed == total and total else 1


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
