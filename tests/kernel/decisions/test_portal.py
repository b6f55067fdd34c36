"""The public pages of the law and of the register of algorithms."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.decisions.programmes.charts import chart_of
from commonweal.kernel.decisions.queries import parameter_on, programme_on, programmes

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 15, 9, tzinfo=UTC)
DESIGNER = Actor(ActorKind.OFFICER, "0190-designer", agency="human-services")


def text(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def test_every_programme_is_listed_with_a_link(client: Client) -> None:
    page = text(client, "/law/")

    keys = [law.key for law in programmes()]
    assert keys == sorted(path.parent.name for path in (root() / "law").glob("*/parameters.yaml"))
    assert {"income-tax", "parking", "school-meals", "snap", "ssi", "wic"} <= set(keys)
    assert [key for key in keys if f'href="/law/{key}/"' not in page] == []


def test_programme_shows_figures_of_the_day_asked_for(client: Client) -> None:
    page = text(client, "/law/snap/?on=2024-03-03&known=2024-02-01")

    assert "March 3, 2024" in page
    assert 'href="/law/snap/shelter_cap/"' in page
    assert ">672<" in page
    assert "Food assistance in plain words" in page
    assert "law/snap/2022-10-01.dmn" in page
    assert page.count("<h1") == 1


def test_programme_before_its_first_model_says_so(client: Client) -> None:
    page = text(client, "/law/snap/?on=2010-01-01")

    assert "No model is in force on this day." in page
    assert "not known" in page


def test_parameter_shows_its_history_with_a_chart(client: Client) -> None:
    page = text(client, "/law/snap/shelter_cap/?on=2026-09-15")

    assert "Largest deduction for housing costs" in page
    assert "<bdi>744</bdi> USD a month" in page
    assert "FNS cost-of-living adjustments FY2024" in page
    assert '<svg class="cw-chart cw-chart--wide"' in page
    assert "Oct 1, 2022" in page


def test_unknown_parameter_of_a_day_is_said_aloud(client: Client) -> None:
    page = text(client, "/law/snap/standard_utility_allowance/?on=2026-10-05")

    assert "Standard utility allowance is not known for October 2026." in page


def test_what_was_not_known_then_is_unknown(client: Client) -> None:
    page = text(client, "/law/snap/shelter_cap/?on=2024-10-05&known=2024-07-01")

    assert "is not known for October 2024" in page


def test_texts_and_truth_values_have_no_chart(client: Client) -> None:
    assert "<svg class" not in text(client, "/law/snap/deemed_utility_allowance/")
    page = text(client, "/law/snap/allotment_is_capped/?on=2026-01-05")
    assert "yes" in page


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/law/nothing/", 404),
        ("/law/snap/nothing/", 404),
        ("/law/snap/?on=soon", 422),
        ("/law/snap/shelter_cap/?known=32", 422),
        ("/algorithms/nothing/", 404),
    ],
)
def test_wrong_addresses_are_answered_with_a_page(client: Client, address: str, status: int) -> None:
    assert "<h1" in text(client, address, status)


def test_register_of_algorithms_names_law_agency_and_appeal(client: Client) -> None:
    assert "No service decides automatically" in text(client, "/algorithms/")
    publish_folder("food-assistance", by=DESIGNER, at=AT)

    assert 'href="/algorithms/food-assistance/"' in text(client, "/algorithms/")
    page = text(client, "/algorithms/food-assistance/")
    _, model, _ = programme_on("snap", AT.date())
    assert model is not None
    for words in (
        model.hash,
        "Department of Human Services",
        "fair hearing",
        "Within 90 days.",
        "7 CFR 273.15(g)",
        "an officer",
        "The people who buy and cook food together",
    ):
        assert words in page


def test_labels_of_lines_do_not_touch_and_the_day_is_marked() -> None:
    table = parameter_on("snap", "maximum_allotment", AT.date()).parameter
    chart = chart_of(table, on=AT.date())
    outside = chart_of(table, on=AT.replace(year=2001).date())

    assert chart is not None
    assert outside is not None
    heights = sorted(line.last[1] for line in chart.lines)
    assert min(after - before for before, after in pairwise(heights)) >= 18.9
    assert chart.day is not None
    assert chart.left < chart.day < chart.right < chart.width
    assert outside.day is None


def test_marks_of_years_stand_apart_over_decades() -> None:
    chart = chart_of(parameter_on("ssi", "state_supplement", AT.date()).parameter)

    assert chart is not None
    assert len(chart.x_marks) <= 8


def test_figures_and_citations_keep_their_order_in_arabic(client: Client) -> None:
    client.cookies["django_language"] = "ar"
    page = text(client, "/law/snap/shelter_cap/")

    assert "\N{LEFT-TO-RIGHT ISOLATE}744\N{POP DIRECTIONAL ISOLATE}" in page
    assert "\N{LEFT-TO-RIGHT ISOLATE}7 USC 2014(e)(6)" in page


def test_chart_lines_follow_the_values() -> None:
    chart = chart_of(parameter_on("parking", "base_fee", AT.date()).parameter)

    assert chart is not None
    assert [line.label for line in chart.lines] == ["A", "B", "C", "D", "E"]
    assert [text for _, text in chart.y_marks] == ["0", "125", "250", "375", "500"]
    assert [text for _, text in chart.x_marks] == ["2025", "2026", "2027"]
    assert chart.lines[0].path.count("M") == 1
    assert chart.lines[0].path.count("L") == 2


def test_service_that_an_officer_decides_is_not_in_the_register(
    client: Client, tmp_path: Path, settings: Settings
) -> None:
    shutil.copytree(root(), tmp_path / "city")
    path = tmp_path / "city/services/food-assistance/service.yaml"
    before, _, after = path.read_text().partition("\ndecision:")
    path.write_text(
        before
        + "\n"
        + after[after.index("\nstages:") : after.index("\neligibility:")].replace(
            "    - {key: decide, kind: decide, label: The law decides}\n", ""
        )
    )
    for letter in ("award", "change", "denial", "end"):  # they speak of a decision of the law
        for written in (tmp_path / "city/services/food-assistance/letters").glob(f"{letter}*.md"):
            written.unlink()
    settings.COMMONWEAL_JURISDICTION = str(tmp_path / "city")
    publish_folder("food-assistance", by=DESIGNER, at=AT)

    assert "food-assistance" not in text(client, "/algorithms/")
    assert "<h1" in text(client, "/algorithms/food-assistance/", 404)
