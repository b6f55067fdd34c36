from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.kernel.forms.conftest import AT, service_form

from commonweal.engines.feel import UNKNOWN, Date
from commonweal.kernel.forms.queries import check_answers, check_part, feel_facts, json_schema, prune
from commonweal.kernel.forms.types.compiled import CompiledForm

WHOLE: dict[str, Any] = {
    "name": "Ada",
    "birth_date": "1980-02-29",
    "has_home": True,
    "rent": "850",
    "members": [
        {"member_name": "Ada", "age": 46},
        {"member_name": "Bo", "age": 9, "school": True, "pay": 12.5},
    ],
    "branches": ["elm", "harbour"],
}


def test_a_whole_document_is_checked_and_put_into_its_stored_form(form: CompiledForm) -> None:
    checked = check_answers(form, WHOLE, at=AT)

    assert (checked.problems, checked.faults) == ({}, {})
    assert checked.answers == {
        "name": "Ada",
        "birth_date": "1980-02-29",
        "has_home": True,
        "rent": "850.00",
        "members": [
            {"member_name": "Ada", "age": "46"},
            {"member_name": "Bo", "age": "9", "school": True, "pay": "12.50"},
        ],
        "branches": ["harbour", "elm"],
        "note": None,
    }


def test_answers_that_are_not_asked_are_left_out(form: CompiledForm) -> None:
    checked = check_answers(form, WHOLE | {"has_home": False}, at=AT)

    assert checked.problems == {}
    assert sorted(checked.answers) == ["birth_date", "branches", "has_home", "name", "note"]


@pytest.mark.parametrize("members", ["none", {"age": 1}, 3])
def test_a_group_that_is_no_list_is_named(form: CompiledForm, members: Any) -> None:
    assert check_answers(form, WHOLE | {"members": members}, at=AT).problems == {"members": "Enter a list."}


def test_too_many_items_are_named(form: CompiledForm) -> None:
    item = {"member_name": "Ada", "age": 46}

    assert check_answers(form, WHOLE | {"members": [item] * 4}, at=AT).problems == {
        "members": "At most 3 can be entered here (person)."
    }


def test_feel_sees_every_question(form: CompiledForm) -> None:
    assert feel_facts(form, WHOLE, at=AT) == {
        "name": "Ada",
        "birth_date": Date(1980, 2, 29),
        "has_home": True,
        "rent": Decimal("850.00"),
        "members": [
            {"member_name": "Ada", "age": Decimal(46), "school": False, "pay": Decimal(0)},
            {"member_name": "Bo", "age": Decimal(9), "school": True, "pay": Decimal("12.50")},
        ],
        "branches": ["harbour", "elm"],
        "note": None,
    }


def test_what_was_not_answered_yet_is_unknown_and_what_is_not_asked_is_blank(form: CompiledForm) -> None:
    assert feel_facts(form, {"has_home": False}) == {
        "name": UNKNOWN,
        "birth_date": UNKNOWN,
        "has_home": False,
        "rent": None,
        "members": None,
        "branches": None,
        "note": None,
    }
    assert feel_facts(form, {})["rent"] is UNKNOWN
    assert feel_facts(form, {"name": ["?"], "has_home": True, "members": "?"})["name"] is UNKNOWN
    assert feel_facts(form, {"has_home": True, "members": [{"age": "?"}, 3]})["members"] == [
        {"member_name": UNKNOWN, "age": UNKNOWN, "school": False, "pay": Decimal(0)}
    ]


def test_prune_leaves_out_what_no_longer_applies(form: CompiledForm) -> None:
    answers = check_answers(form, WHOLE, at=AT).answers
    answers["members"][0]["school"] = True

    pruned = prune(form, answers, at=AT)

    assert pruned["members"][0] == {"member_name": "Ada", "age": "46"}
    assert "members" not in prune(form, answers | {"has_home": False}, at=AT)


def test_the_schema_describes_the_document(form: CompiledForm) -> None:
    schema = json_schema(form)

    assert schema["required"] == ["name", "birth_date", "has_home"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["rent"] == {
        "title": "How much is your rent?",
        "type": ["number", "string"],
        "minimum": 0.0,
        "maximum": 100_000_000.0,
        "x-when": "has_home",
    }
    assert schema["properties"]["members"]["items"]["required"] == ["member_name", "age"]
    assert schema["properties"]["members"]["items"]["properties"]["pay"]["default"] == 0
    assert schema["properties"]["branches"] == {
        "title": "Which branches?",
        "type": "array",
        "items": {"type": "string", "enum": ["harbour", "elm"]},
        "uniqueItems": True,
    }
    assert schema["properties"]["birth_date"]["format"] == "date"
    assert schema["properties"]["name"]["maxLength"] == 200


def test_the_schemas_of_the_citys_forms_know_every_question() -> None:
    for key in ("food-assistance", "parking-permit"):
        form = service_form(key)
        assert list(json_schema(form)["properties"]) == [question.key for question in form.questions]


def test_a_household_of_the_law_becomes_the_facts_of_its_decision() -> None:
    form = service_form("food-assistance")

    facts = feel_facts(
        form,
        {
            "members": [{"age": 35, "earned": 1100}, {"age": 4}],
            "rent_or_mortgage": 700,
            "utilities_heating_or_cooling": True,
            "utilities_kinds": 3,
            "utilities_telephone": True,
            "all_members_homeless": False,
        },
    )

    members: Any = facts["members"]
    assert [(member["age"], member["earned"], member["in_school"]) for member in members] == [
        (Decimal(35), Decimal("1100.00"), False),
        (Decimal(4), Decimal(0), False),
    ]
    assert (facts["dependent_care"], facts["resources"], facts["utilities_kinds"]) == (
        Decimal(0),
        Decimal(0),
        Decimal(3),
    )


def test_a_part_of_the_answers_is_checked_and_nothing_is_missed(form: CompiledForm) -> None:
    part = {"rent": "850", "has_home": True, "members": [{"age": 46}, {"member_name": None, "pay": "12.5"}]}

    checked = check_part(form, part, at=AT)

    assert (checked.problems, checked.answers) == (
        {},
        {
            "has_home": True,
            "rent": "850.00",
            "members": [{"age": "46"}, {"member_name": None, "pay": "12.50"}],
        },
    )
    assert feel_facts(form, checked.answers, at=AT)["name"] is UNKNOWN


def test_of_many_unknown_keys_a_few_are_named(form: CompiledForm) -> None:
    part = {f"key_{number}": 1 for number in range(500)} | {"members": [{f"key_{n}": 1 for n in range(500)}]}

    problems = check_part(form, part, at=AT).problems

    assert [sum(path.startswith(prefix) for path in problems) for prefix in ("key_", "members[1].")] == [
        20,
        20,
    ]
