from __future__ import annotations

import pytest
from tests.kernel.forms.conftest import Compile

HOME = "      - {key: home, type: choice, label: Home?, options: [{key: rent, label: Rent}, {key: own, label: Own}]}\n"
PET = "      - {key: pet, type: boolean, label: A pet?}\n"
NUMBER = "      - {key: rooms, type: number, label: Rooms?}\n"


def _codes(compile_form: Compile, *questions: str) -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in compile_form(_form(*questions))[1]]


def _form(*questions: str) -> str:
    return "pages:\n  - key: one\n    title: One\n    questions:\n" + "".join(questions)


def _asked(key: str, when: str, kind: str = "boolean", more: str = "") -> str:
    return f"      - {{key: {key}, type: {kind}, label: And?, when: '{when}'{more}}}\n"


@pytest.mark.parametrize(
    "when",
    [
        'home = "rent" and home = "own"',
        "pet and not(pet)",
        'not(home in ("rent", "own"))',
        "home = null",
        "pet = false and (pet and rooms > 2)",
    ],
)  # fmt: skip
def test_a_condition_that_no_answer_meets_is_refused(compile_form: Compile, when: str) -> None:
    assert [code for code, _ in _codes(compile_form, HOME, PET, NUMBER, _asked("why", when))] == [
        "form.unreachable"
    ]


@pytest.mark.parametrize(
    "when",
    ['home = "rent"', "rooms > 2", 'pet and home != "own"', "rooms > 2 or pet", "rooms = 3 and rooms = 4"],
)
def test_a_condition_that_some_answer_may_meet_is_let_through(compile_form: Compile, when: str) -> None:
    assert _codes(compile_form, HOME, PET, NUMBER, _asked("why", when)) == []


def test_a_condition_that_every_answer_meets_is_pointed_at(compile_form: Compile) -> None:
    found = _codes(compile_form, HOME, _asked("why", 'home = "rent" or home = "own"'))

    assert found == [("form.always", "This is true whatever the answers are.")]


def test_an_option_that_does_not_exist_is_named(compile_form: Compile) -> None:
    assert _codes(compile_form, HOME, _asked("why", 'home = "rentt"')) == [
        ("form.option", "'rentt' is not an option of 'home'.")
    ]
    assert _codes(compile_form, HOME, _asked("why", 'home in ("own", "lent")')) == [
        ("form.option", "'lent' is not an option of 'home'.")
    ]


def test_what_is_asked_only_of_some_is_blank_for_others(compile_form: Compile) -> None:
    lease = _asked("lease", 'home = "rent"')

    assert [
        code for code, _ in _codes(compile_form, HOME, lease, _asked("why", 'home = "own" and lease = true'))
    ] == ["form.unreachable"]
    assert _codes(compile_form, HOME, lease, _asked("why", "lease = null")) == []


def test_a_condition_on_a_blank_answer_is_pointed_at(compile_form: Compile) -> None:
    lease = _asked("lease", 'home = "rent"')

    (found,) = compile_form(_form(HOME, lease, _asked("why", "lease")))[1]

    assert (found.code, found.is_error) == ("form.fault", False)
    assert found.hint == "Compare with a value, such as `name = true` or `name != null`."


def test_items_of_a_group_are_tried_too(compile_form: Compile) -> None:
    text = (
        "pages:\n  - key: one\n    title: One\n    questions:\n"
        + PET
        + "  - key: two\n    title: Two\n    questions:\n"
        "      - key: people\n        type: group\n        label: Who?\n        item: person\n        questions:\n"
        "          - {key: works, type: boolean, label: Works?}\n"
        "          - {key: pay, type: money, label: Pay?, when: 'works and works = false and pet'}\n"
    )

    (problem,) = compile_form(text)[1]

    assert (problem.code, problem.line) == ("form.unreachable", 15)


def test_too_many_combinations_are_passed_over_in_silence(compile_form: Compile) -> None:
    many = [f"      - {{key: b{at}, type: boolean, label: B?}}\n" for at in range(12)]
    when = " and ".join(f"b{at}" for at in range(12)) + " and not(b0)"

    assert _codes(compile_form, *many, _asked("why", when)) == []


def test_a_condition_that_always_fails_is_pointed_at(compile_form: Compile) -> None:
    found = _codes(compile_form, HOME, _asked("why", 'date("no date") < today()'))

    assert found == [("form.fault", "This is neither true nor false, whatever the answers are.")]


def test_in_a_long_chain_nothing_is_said_of_what_depends_on_too_many_answers(compile_form: Compile) -> None:
    first = "      - {key: q0, type: boolean, label: First?}\n"
    chain = [_asked(f"q{at}", f"q{at - 1} = true") for at in range(1, 30)]
    never = _asked("near", "q1 = true and q1 = false") + _asked("far", "q29 = true and q29 = false")

    assert _codes(compile_form, first, *chain, never) == [
        ("form.unreachable", "This is never true, whatever the answers are, so nobody will come here.")
    ]
