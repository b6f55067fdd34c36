from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from tests.factories.people import make_person
from tests.kernel.forms.conftest import AT, KEY, City, Compile, resident, sheet

from commonweal.kernel.base.expressions import Verdict
from commonweal.kernel.forms.actions import answer_item, answer_page, start_sheet, submit_sheet
from commonweal.kernel.forms.answers.state import FormState, after_answers, evaluate
from commonweal.kernel.forms.errors import AnswersInvalid
from commonweal.kernel.forms.queries import check_answers, feel_facts, page_view, review

HEAD = "pages:\n  - key: one\n    title: One\n    questions:\n"
BROKEN = 'date("no date") < today()'


def _form(compile_form: Compile, text: str) -> Any:
    form, problems = compile_form(text)
    assert form is not None, [str(problem) for problem in problems]
    return form


def test_a_condition_that_gives_no_answer_is_a_fault_and_the_question_is_asked(compile_form: Compile) -> None:
    form = _form(
        compile_form,
        HEAD
        + f"      - {{key: a, type: text, label: A, when: '{BROKEN}'}}\n"
        + f"      - {{key: b, type: text, label: B, required: '{BROKEN}'}}\n"
        + f"  - key: two\n    title: Two\n    when: '{BROKEN}'\n    questions:\n"
        + "      - {key: c, type: text, label: C}\n",
    )

    checked = check_answers(form, {"a": "x", "c": "y"}, at=AT)

    assert checked.problems == {}
    assert checked.answers == {"a": "x", "b": None, "c": "y"}
    assert sorted(checked.faults) == ["a", "b.required", "page two"]
    assert all("date" in reason for reason in checked.faults.values())


def test_an_expression_that_exhausts_its_budget_is_a_fault(compile_form: Compile) -> None:
    endless = "count(for x in 1..100000, y in 1..100000 return x) > 0"
    form = _form(compile_form, HEAD + f"      - {{key: a, type: text, label: A, when: '{endless}'}}\n")

    assert list(check_answers(form, {"a": "x"}, at=AT).faults) == ["a"]


def test_a_question_is_required_where_its_condition_says_so(compile_form: Compile) -> None:
    form = _form(
        compile_form,
        HEAD
        + "      - {key: a, type: boolean, label: A}\n      - {key: b, type: text, label: B, required: a}\n",
    )

    assert check_answers(form, {"a": True}, at=AT).problems == {"b": "Answer this question."}
    assert check_answers(form, {"a": False}, at=AT).problems == {}


@pytest.mark.parametrize(
    ("kind", "short", "message"),
    [
        ("choice", "", "Select one of the answers."),
        ("choice", "a colour", "Select a colour."),
        ("choices", "", "Select at least one answer."),
        ("choices", "a colour", "Select a colour."),
        ("boolean", "", "Select yes or no."),
        ("boolean", "whether you rent", "Say whether you rent."),
        ("text", "", "Answer this question."),
    ],
)
def test_what_is_missing_is_named(compile_form: Compile, kind: str, short: str, message: str) -> None:
    options = ", options: [{key: x, label: X}, {key: y, label: Y}]" if kind.startswith("choice") else ""
    form = _form(
        compile_form, HEAD + f"      - {{key: a, type: {kind}, label: A, short: '{short}'{options}}}\n"
    )

    for given in ({}, {"a": None}, {"a": "  "}, {"a": []}):
        assert check_answers(form, given, at=AT).problems == {"a": message}


GROUP = """\
pages:
  - key: people
    title: People
    questions:
      - key: people
        type: group
        label: People
        item: person
        required: false
        title: {title}
        max: 3
        valid: [{{that: sum(people.age) < 200, message: Too old together.}}]
        questions:
          - {{key: age, type: number, label: Age}}
          - {{key: nick, type: text, label: Nickname, required: false, when: age > 3}}
"""


@pytest.mark.django_db
def test_items_are_called_by_their_title_or_their_number(city: City) -> None:
    ada = resident(make_person().pk)
    city.publish(GROUP.format(title="nick"))
    start_sheet(KEY, by=ada, at=AT)
    answer_item(sheet().pk, "people", None, {"age": "40", "nick": "Ada"}, revision=0, by=ada, at=AT)
    answer_item(sheet().pk, "people", None, {"age": "2"}, revision=1, by=ada, at=AT)

    group = page_view(sheet(), "people", "en", at=AT).group
    assert group is not None
    assert [item.title for item in group.items] == ["Ada", "person 2"]


@pytest.mark.django_db
def test_a_rule_about_the_whole_list_is_held(city: City) -> None:
    ada = resident(make_person().pk)
    city.publish(GROUP.format(title="nick"))
    start_sheet(KEY, by=ada, at=AT)
    for revision, age in enumerate(["100", "99"]):
        answer_item(sheet().pk, "people", None, {"age": age, "nick": ""}, revision=revision, by=ada, at=AT)
    answer_page(sheet().pk, "people", {}, revision=2, by=ada, at=AT)
    answer_item(sheet().pk, "people", 1, {"age": "101", "nick": ""}, revision=3, by=ada, at=AT)

    with pytest.raises(AnswersInvalid) as caught:
        answer_page(sheet().pk, "people", {}, revision=4, by=ada, at=AT)
    with pytest.raises(AnswersInvalid) as sent:
        submit_sheet(sheet().pk, revision=4, by=ada, at=AT)

    assert caught.value.fields == {"people": "Too old together."}
    assert sent.value.fields == {"people": "Too old together."}
    seen = review(sheet(), "en", at=AT)
    assert seen.groups[0].error == "Too old together."


@pytest.mark.django_db
def test_an_optional_group_may_stay_empty(city: City) -> None:
    ada = resident(make_person().pk)
    city.publish(GROUP.format(title="nick"))
    start_sheet(KEY, by=ada, at=AT)

    answer_page(sheet().pk, "people", {}, revision=0, by=ada, at=AT)
    sent = submit_sheet(sheet().pk, revision=1, by=ada, at=AT)

    assert sent.answers == {"people": []}


def test_what_is_not_asked_of_an_item_counts_as_blank(compile_form: Compile) -> None:
    form = _form(compile_form, GROUP.format(title="nick"))

    facts: Any = feel_facts(form, {"people": [{"age": 2, "nick": "x"}, {"age": 40, "nick": "y"}]})

    assert [person["nick"] for person in facts["people"]] == [None, "y"]


CHAIN = """\
pages:
  - key: one
    title: One
    questions:
      - {key: a, type: boolean, label: A?}
      - {key: b, type: number, label: B?, when: a}
  - key: two
    title: Two
    when: b > 3
    questions:
      - {key: c, type: choice, label: C?, options: [{key: x, label: X}, {key: y, label: Y}]}
      - {key: d, type: text, label: D?, when: 'c = "x" or a = false', required: false}
  - key: three
    title: Three
    questions:
      - key: e
        type: group
        label: E?
        item: thing
        when: d = null
        questions:
          - {key: f, type: number, label: F?, when: b > 5, required: false, default: 0}
  - key: four
    title: Four
    when: count(e) > 0
    questions:
      - {key: g, type: boolean, label: G?, when: sum(e.f) > 2}
"""


def test_answers_to_one_page_settle_the_same_as_all_answers_anew(compile_form: Compile) -> None:
    form = _form(compile_form, CHAIN)
    choices: dict[str, list[dict[str, Any]]] = {
        "one": [{}, {"a": True, "b": "4"}, {"a": True, "b": "6"}, {"a": False}],
        "two": [{}, {"c": "x", "d": None}, {"c": "y"}, {"c": "x", "d": "text"}],
        "three": [{}, {"e": [{"f": "3"}]}, {"e": []}],
        "four": [{}, {"g": True}],
    }

    def seen(state: FormState) -> tuple[dict[str, Verdict], dict[str, Verdict], dict[str, Any]]:
        return state.shown, state.asked, state.facts()

    for combination in product(*choices.values()):
        whole = {key: answer for page in combination for key, answer in page.items()}
        for at, page in enumerate(choices):
            others = [part for number, part in enumerate(combination) if number != at]
            before = {key: answer for part in others for key, answer in part.items()}
            state = evaluate(form, before, at=AT)
            assert seen(after_answers(state, page, whole)) == seen(evaluate(form, whole, at=AT)), (
                page,
                whole,
            )
