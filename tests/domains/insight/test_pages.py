"""The pages, the downloads and the API of the policy lab."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.domains.insight.conftest import ON
from tests.factories.people import make_officer

from commonweal.domains.insight import queries
from commonweal.domains.insight.errors import BulkMissing
from commonweal.domains.insight.models import Population, Simulation
from commonweal.domains.insight.types import PopulationChoice

LAB = "/workbench/lab/"
CHOICE = {"programme": "snap", "on": str(ON), "population": "port-alder", "people": "1,000", "seed": "1"}


@pytest.fixture
def simulated(lab) -> Simulation:
    return lab.done(
        changes={"shelter_cap": 900}, population=PopulationChoice(place="port-alder", people=20_000)
    )


def url(found: Simulation, rest: str = "") -> str:
    return f"{LAB}simulations/{found.pk}/{rest}"


def test_only_analysts_come_in(lab):
    client = Client()
    client.force_login(make_officer(roles=("caseworker",)).account)
    assert client.get(LAB).status_code == 403
    assert lab.client.get(LAB).status_code == 200


def test_the_list_takes_as_many_queries_with_three_rows_as_with_one(lab):
    lab.order()
    lab.client.get(LAB)
    with CaptureQueriesContext(connection) as one:
        lab.client.get(LAB)
    lab.order()
    lab.order()
    with CaptureQueriesContext(connection) as three:
        page = lab.client.get(LAB)
    assert len(three) == len(one)
    assert page.content.decode().count("Reform of Food assistance") >= 3


def test_the_api_lists_as_many_queries_with_three_rows_as_with_one(lab):
    lab.order()
    lab.client.get("/api/v1/simulations/")
    with CaptureQueriesContext(connection) as one:
        lab.client.get("/api/v1/simulations/")
    lab.order()
    lab.order()
    with CaptureQueriesContext(connection) as three:
        assert len(lab.client.get("/api/v1/simulations/").json()) == 3
    assert len(three) == len(one)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"on": "soon"}, "Write the date as 2026-10-01."),
        ({"on": "1999-01-01"}, "This programme cannot be simulated on that day."),
        ({"programme": "parking"}, "Choose a programme."),
        ({"population": "atlantis"}, "Choose a population."),
        ({"people": "12"}, "Write a number from 1,000 to 20,000,000."),
        ({"seed": "-1"}, "Write a whole number, 0 or above."),
    ],
)
def test_the_first_step_says_what_is_wrong(lab, given, says):
    answer = lab.client.get(f"{LAB}new/", CHOICE | given)
    assert (answer.status_code, says in answer.content.decode()) == (422, True)


def test_the_second_step_needs_the_first(lab):
    assert lab.client.get(f"{LAB}new/law/").status_code == 302
    assert lab.client.get(f"{LAB}new/", CHOICE).status_code == 302


def test_a_figure_is_found_and_what_was_typed_stays(lab):
    posted = CHOICE | {"p.shelter_cap": "901", "look_for": "housing costs", "find": "1"}
    page = lab.client.post(f"{LAB}new/law/", posted).content.decode()
    assert 'value="901"' in page
    assert 'id="p.minimum_allotment"' in page
    assert page.count('class="cw-lab__figure is-changed"') == 1
    assert not Simulation.objects.exists()


def test_another_model_can_be_uploaded_and_is_checked(lab):
    text = queries.baseline_of("snap", ON).model.text
    file = SimpleUploadedFile("reform.dmn", text.encode())
    answer = lab.client.post(f"{LAB}new/law/", CHOICE | {"model": "upload", "model_text": file, "run": "1"})
    assert answer.status_code == 302
    for content, says in ((b"\xff", "it is not text"), (b"<x/>", "Line 1"), (None, "Choose the DMN file.")):
        sent = {"model_text": SimpleUploadedFile("x.dmn", content)} if content else {}
        answer = lab.client.post(f"{LAB}new/law/", CHOICE | {"model": "upload", "run": "1"} | sent)
        assert (answer.status_code, says in answer.content.decode()) == (422, True), says


def test_progress_and_failure_are_shown(lab):
    found = lab.order(title="Mine")
    assert "Waiting for its turn" in lab.client.get(url(found)).content.decode()
    assert lab.client.get(url(found, "state.json")).json() == {
        "share": 0,
        "is_over": False,
        "text": "0 % done",
    }
    assert lab.client.get(url(found, "figures.json")).status_code == 409
    Simulation.objects.filter(pk=found.pk).update(status="failed", error="Because of this.")
    assert "Because of this." in lab.client.get(url(found)).content.decode()


def test_results_say_what_they_rest_on(lab, simulated):
    page = lab.client.get(url(simulated)).content.decode()
    for text in (
        simulated.result_hash,
        simulated.population_hash,
        "synthetic",
        "744",
        "900",
        "The reform costs",
    ):
        assert text in page
    lab.client.cookies["django_language"] = "es"
    assert "La reforma cuesta" in lab.client.get(url(simulated)).content.decode()
    lab.client.cookies["django_language"] = "ar"
    assert "\u2066+" in lab.client.get(url(simulated)).content.decode()


def test_a_simulation_is_the_start_of_another(lab, simulated):
    page = lab.client.get(f"{LAB}new/law/", CHOICE | {"like": str(simulated.pk)}).content.decode()
    assert 'value="900"' in page
    again = lab.client.post(url(simulated, "repeat/"))
    lab.work_off()
    assert "The same figures, to the cent" in lab.client.get(again["Location"]).content.decode()


def test_every_chart_is_drawn_in_every_look(lab, simulated):
    for key in ("change-decile", "winners-household_type", "winners-district", "amounts", "margins"):
        for look in ("", "?dark", "?narrow", "?narrow&dark"):
            answer = lab.client.get(url(simulated, f"charts/{key}.svg{look}"))
            assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
            assert answer.content.startswith(b"<svg")
            assert answer["Cache-Control"] == "no-store"
    assert lab.client.get(url(simulated, "charts/nothing.svg")).status_code == 404


def test_downloads_hold_the_same_figures(lab, simulated):
    about = json.loads(lab.client.get(url(simulated, "figures.json")).content)
    rows = list(csv.DictReader(io.StringIO(lab.client.get(url(simulated, "figures.csv")).content.decode())))
    table = pq.read_table(io.BytesIO(lab.client.get(url(simulated, "figures.parquet")).content))

    total = simulated.figures["total"]
    change = next(row for row in rows if (row["table"], row["measure"]) == ("total", "change"))
    assert Decimal(change["value"]) * 100 == total["after_minor"] - total["before_minor"]
    assert change["unit"] == "USD/month"
    assert about["about"]["result_hash"] == simulated.result_hash
    assert len(rows) == len(about["figures"]) == table.num_rows > 300
    assert [row["value"] or None for row in rows] == [line["value"] for line in about["figures"]]
    assert json.loads(table.schema.metadata[b"result_hash"]) == simulated.result_hash
    assert all(row["is_hidden"] == "True" for row in rows if not row["value"])
    assert lab.client.get(url(simulated, "figures.exe")).status_code == 404


def test_small_groups_are_hidden_everywhere(lab):
    found = lab.done(changes={"shelter_cap": 900})
    exact = {row["group"]: row for row in found.figures["household_type"]}
    small = [key for key, row in exact.items() if 0 < row["gaining"] < 10]
    assert small
    lines = json.loads(lab.client.get(url(found, "figures.json")).content)["figures"]
    shown = {(line["group"], line["measure"]): line for line in lines if line["table"] == "household_type"}
    assert all(shown[key, "gaining"]["is_hidden"] and shown[key, "change"]["is_hidden"] for key in small)


def test_two_simulations_are_compared(lab, simulated):
    other = lab.done(changes={"shelter_cap": 1000}, title="More")
    page = lab.client.get(f"{LAB}compare/", {"one": simulated.pk, "other": other.pk}).content.decode()
    assert "They were tried on different populations." in page
    assert "More" in page
    assert lab.client.get(f"{LAB}compare/", {"one": "x"}).status_code == 404


def test_an_upload_says_what_is_wrong_and_keeps_what_was_typed(lab, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert lab.client.get(f"{LAB}populations/").status_code == 200
    answer = lab.client.post(f"{LAB}populations/", {"name": "Sample"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Sample"' in page
    assert "Only data in which nobody can be recognised may be uploaded." in page

    content = lab.client.get(f"{LAB}populations/snap.csv").content
    given = {"programme": "snap", "name": "Sample", "origin_note": "Made", "is_anonymous": "yes"}
    broken = SimpleUploadedFile("people.csv", content.replace(b",no,", b",perhaps,", 1))
    page = lab.client.post(f"{LAB}populations/", given | {"file": broken}).content.decode()
    assert "row 2, column" in page
    answer = lab.client.post(
        f"{LAB}populations/", given | {"file": SimpleUploadedFile("people.csv", content)}
    )
    assert answer.status_code == 302
    page = lab.client.get(answer["Location"]).content.decode()
    assert "Sample, uploaded" in page
    chosen = CHOICE | {"population": str(Population.objects.get().pk)}
    assert "Sample" in lab.client.get(f"{LAB}new/law/", chosen).content.decode()


def test_without_the_packages_one_sentence_says_so(lab, simulated, monkeypatch):
    monkeypatch.setattr(queries, "BULK", ("a_package_that_is_not_there",))
    assert "Not installed here" in lab.client.get(LAB).content.decode()
    answer = lab.client.get(f"{LAB}new/")
    assert (answer.status_code, str(BulkMissing.message) in answer.content.decode()) == (503, True)
    assert lab.client.get(url(simulated)).status_code == 200
    assert lab.client.get(url(simulated, "figures.csv")).status_code == 200


def test_the_api_orders_watches_and_reads(lab):
    order = {
        "programme": "snap",
        "reference_on": str(ON),
        "population": {"place": "port-alder", "people": 1000},
        "changes": {"shelter_cap": 900},
    }
    sent = lab.client.post("/api/v1/simulations/", order, content_type="application/json")
    assert (sent.status_code, sent.json()["status"]) == (202, "waiting")
    place = f"/api/v1/simulations/{sent.json()['id']}"
    assert lab.client.get(f"{place}/figures").status_code == 409
    lab.work_off()
    assert lab.client.get(place).json()["share_done"] == 100
    figures = lab.client.get(f"{place}/figures").json()
    assert figures["about"]["changes"] == {"shelter_cap": "900"}
    assert {line["table"] for line in figures["figures"]} >= {"total", "decile", "district", "margins"}
    again = lab.client.post(f"{place}/repeat", content_type="application/json").json()
    lab.work_off()
    assert lab.client.get(f"/api/v1/simulations/{again['id']}").json()["is_same"] is True

    wrong = lab.client.post(
        "/api/v1/simulations/", order | {"changes": {"shelter_cap": "x"}}, content_type="application/json"
    )
    assert (wrong.status_code, wrong.json()["fields"]) == (422, {"shelter_cap": "'x' is not a number."})
    assert Client().get("/api/v1/simulations/").status_code == 401
