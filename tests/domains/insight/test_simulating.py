"""From an order to figures: the job, its ledger, its repetitions, its failures."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from tests.domains.insight.conftest import AT, ON
from tests.factories.people import make_officer, officer_actor

from commonweal.domains.insight import actions, queries
from commonweal.domains.insight.errors import BadSimulation, NotSimulable, SimulationNotFound
from commonweal.domains.insight.models import Simulation
from commonweal.domains.insight.types import Order, PopulationChoice
from commonweal.kernel.base.errors import Forbidden
from commonweal.kernel.ledger.queries import events_of


def test_a_reform_that_changes_nothing_costs_nothing(lab):
    found = lab.done()

    assert (found.status, found.error) == ("done", "")
    total = found.figures["total"]
    assert (total["people"], total["gain_minor"], total["loss_minor"]) == (1_000, 0, 0)
    assert total["before_minor"] == total["after_minor"] > 0
    assert [event.type for event in events_of(found.stream)] == [
        "insight.simulation_ordered",
        "insight.simulation_finished",
    ]


def test_every_table_adds_up_to_the_same_total(lab):
    found = lab.done(changes={"maximum_allotment": [320, 590, 840, 1060, 1260, 1500, 1670, 1900]})

    figures = found.figures
    for table in ("decile", "household_type", "district"):
        for measure, value in figures["total"].items():
            assert sum(row[measure] for row in figures[table]) == value, (table, measure)
    total = figures["total"]
    assert total["after_minor"] - total["before_minor"] == total["gain_minor"] - total["loss_minor"] > 0
    assert sum(row["before"] for row in figures["amounts"]) == total["receiving_before"]
    assert sum(row["after"] for row in figures["margins"]) == figures["margin_households"] > 0


def test_a_repetition_comes_to_the_same_figures(lab):
    first = lab.done(changes={"shelter_cap": "900.50"}, title="Higher cap")
    again = actions.repeat_simulation(first.pk, by=lab.actor, at=AT)
    lab.work_off()
    again.refresh_from_db()

    assert again.changes == {"shelter_cap": "900.50"}
    assert again.result_hash == first.result_hash
    repetition = queries.repetition_of(again)
    assert (repetition.first, repetition.is_same, repetition.changed_code) == (first, True, ())


def test_a_repetition_with_other_code_says_what_has_changed(lab):
    first = lab.done()
    Simulation.objects.filter(pk=first.pk).update(
        versions=first.versions | {"code": "older"}, result_hash="x"
    )
    again = actions.repeat_simulation(first.pk, by=lab.actor, at=AT)
    lab.work_off()

    repetition = queries.repetition_of(queries.simulation(again.pk, lab.actor))
    assert (repetition.is_same, repetition.changed_code) == (False, ("code",))


def test_wrong_figures_are_refused_by_name_and_nothing_is_kept(lab):
    with pytest.raises(BadSimulation) as caught:
        lab.order(changes={"shelter_cap": "much", "no_such": 1, "maximum_allotment": [1, 2]})

    assert caught.value.fields == {
        "shelter_cap": "'much' is not a number.",
        "no_such": "The programme has no such figure.",
        "maximum_allotment": "2 values stand here, Number of people runs from 1 to 8.",
    }
    assert not Simulation.objects.exists()


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        (PopulationChoice(place="atlantis"), "population"),
        (PopulationChoice(place="state", people=10), "people"),
        (PopulationChoice(place="state", seed=-1), "seed"),
    ],
)
def test_a_population_that_cannot_be_made_is_refused(lab, choice, field):
    with pytest.raises(BadSimulation) as caught:
        lab.order(population=choice)
    assert list(caught.value.fields) == [field]


def test_a_day_without_law_is_refused(lab):
    order = Order("snap", ON.replace(year=2001), PopulationChoice(place="port-alder"))
    with pytest.raises(NotSimulable):
        actions.order_simulation(order, by=lab.actor, at=AT)


def test_only_analysts_simulate(lab):
    caseworker = officer_actor(make_officer(), "cases.work")
    with pytest.raises(Forbidden):
        actions.order_simulation(Order("snap", ON, PopulationChoice(place="state")), by=caseworker, at=AT)
    with pytest.raises(SimulationNotFound):
        queries.simulation(lab.order().pk, caseworker)


def test_analysts_of_all_agencies_see_simulations_of_made_people(lab):
    found = lab.order()
    other = officer_actor(make_officer(agency="transportation"), "insight.simulate")
    assert queries.simulation(found.pk, other) == found
    Simulation.objects.filter(pk=found.pk).update(origin="uploaded")
    assert list(queries.simulations(other)) == []
    assert list(queries.simulations(lab.actor)) == [found]


def test_an_uploaded_model_decides(lab):
    law = queries.baseline_of("snap", ON)
    text = law.model.text.replace("law.contribution_rate", "(law.contribution_rate + 0.1)")
    assert text != law.model.text
    found = lab.done(model_text=text)

    total = found.figures["total"]
    assert total["loss_minor"] > 0 == total["gain_minor"]
    assert (found.reform_file, found.reform_hash != found.baseline_hash) == ("proposed.dmn", True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no xml at all", ""),
        ('name="Determination"', "'Determination'"),
    ],
)
def test_a_model_that_cannot_be_run_is_refused(lab, text, says):
    whole = queries.baseline_of("snap", ON).model.text
    broken = whole.replace(text, text.replace("rate", "rates").replace("Determination", "Verdict"))
    with pytest.raises(BadSimulation) as caught:
        lab.order(model_text=broken if text in whole else text)
    assert list(caught.value.fields) == ["model_text"]
    assert says in caught.value.fields["model_text"]


def test_a_job_that_comes_twice_changes_nothing(lab):
    found = lab.done()
    before = found.finished_at
    actions.finish_simulation(found.pk, {}, versions={}, cpu_ms=1, by=lab.actor, at=AT)
    actions.fail_simulation(found.pk, "too late", by=lab.actor, at=AT)
    actions.note_progress(found.pk, 3)
    found.refresh_from_db()
    assert (found.status, found.finished_at, found.error) == ("done", before, "")


def test_a_simulation_that_cannot_be_worked_out_says_why(lab):
    found = lab.order()
    Simulation.objects.filter(pk=found.pk).update(programme="parking")
    lab.work_off()
    found.refresh_from_db()
    assert (found.status, found.error) == ("failed", "This programme cannot be simulated on that day.")
    assert events_of(found.stream)[-1].type == "insight.simulation_failed"


def test_the_stored_changes_keep_every_digit(lab):
    found = lab.order(changes={"contribution_rate": Decimal("0.2999999999")})
    assert json.loads(json.dumps(found.changes)) == {"contribution_rate": "0.2999999999"}
