"""Every deciding service says by which groups it is held against others, and its law explains each flip."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
import yaml

from commonweal.engines.dmn.facts import value_of
from commonweal.engines.feel import ANY
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.catalogue.queries import compile_service
from commonweal.kernel.decisions.fairness.collecting import Judge, group_of
from commonweal.kernel.decisions.fairness.flipping import changes, rules_of
from commonweal.kernel.decisions.programmes.cases import WorkedCases, with_defaults
from commonweal.kernel.decisions.programmes.evaluating import law_context, snapshot_of
from commonweal.kernel.decisions.programmes.reading import programme

SERVICES = ["file-tax-return", "food-assistance", "parking-permit", "school-meals"]
FLIPPED = 12
"""Worked cases of a service whose facts are flipped: spread over all of them."""


def worked(key: str):
    """The worked cases of a service's law, as facts of its model on their day."""
    service, _problems = compile_service(root(), f"services/{key}")
    decision = service.sections["decision"]
    law = programme(decision.spec.programme)
    written = WorkedCases.model_validate(
        yaml.load((root() / f"law/{law.key}/cases.yaml").read_text(), Loader=yaml.CSafeLoader)
    )
    found = []
    for case in written.cases:
        model = law.model_on(case.reference_on, case.known_on)
        if model is None or case.missing or (case.decision or written.decision) != decision.spec.decision:
            continue
        facts = {
            name: value_of(value, model.compiled.inputs.get(name, ANY), name)
            for name, value in with_defaults(written.defaults, case.facts).items()
        }
        found.append((case, model, facts))
    return decision, law, found


@pytest.mark.parametrize("key", SERVICES)
def test_the_groups_of_every_worked_case_can_be_told(key):
    decision, _law, cases = worked(key)
    fairness = decision.fairness
    met: Counter[tuple[str, str]] = Counter()

    for _case, _model, facts in cases:
        for name, expression in fairness.groups.items():
            met[name, group_of(expression, fairness.scope, facts)] += 1

    assert len(cases) >= 10
    for name, group in fairness.spec.groups.items():
        assert {key_ for division, key_ in met if division == name} <= set(group.labels), name
        assert len([1 for division, _ in met if division == name]) > 1, f"{name} divides nobody"


@pytest.mark.parametrize("key", SERVICES)
def test_a_flip_that_changes_something_is_explained_by_a_rule_with_its_source(key):
    decision, law, cases = worked(key)
    kinds: Counter[str] = Counter()
    tried = 0

    for case, model, facts in cases[:: max(1, len(cases) // FLIPPED)]:
        figures = law_context(snapshot_of(law, case.reference_on, case.known_on))
        judge = Judge(decision, model, figures, case.reference_on)
        rules = rules_of(model.compiled)
        for attribute in decision.fairness.spec.protected.values():
            values = [each if isinstance(each, bool | str) else Decimal(each) for each in attribute.values]
            for change in changes(facts, attribute.path, values, judge, rules):
                tried += 1
                if change is not None:
                    kinds[change.kind] += 1

    assert tried >= FLIPPED
    assert set(kinds) == {"explained"}
