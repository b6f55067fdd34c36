from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from tests.kernel.forms.conftest import FORM, Compile, service_form

from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.catalogue.compiler.service import compile_service
from commonweal.kernel.forms.types.compiled import CompiledForm

HEAD = "pages:\n  - key: one\n    title: One\n    questions:\n"


def _problems(compile_form: Compile, text: str) -> list[str]:
    return [str(problem).removeprefix("services/library-card/") for problem in compile_form(text)[1]]


@pytest.mark.parametrize("key", ["food-assistance", "parking-permit"])
def test_the_forms_of_the_city_compile_without_a_word(key: str) -> None:
    service, problems = compile_service(root(), f"services/{key}")

    assert [str(problem) for problem in problems if problem.file.endswith("form.yaml")] == []
    assert service is not None
    assert len(service.sections["form"].pages) >= 5


def test_a_service_without_a_form_has_none(compile_form: Compile, form: CompiledForm) -> None:
    assert form.page("person") is not None
    assert form.page("none") is None
    assert "Which branches?" in set(form.texts())


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("when: has_home}", "when: has_hom}", "form.yaml:22:103: Nothing is called `has_hom` here. Did you mean `has_home`?"),
        ("title: About you", "title: ''", "form.yaml:3:12: 'title' must not be empty."),
        ("type: money, label: Pay,", "label: Pay,", "'type' is missing. Add it."),
        ("when: has_home}", "when: rent > 3}", "form.yaml:22:103: 'rent' is asked later, so its answer is not known here. Move the question before this place."),
        ("when: has_home}", "when: branches}", "asked later"),
        ("when: has_home}", "when: 1 + 1}", "form.yaml:22:103: This gives number, but boolean is needed here."),
        ("when: has_home}", "when: has_home and}", "form.yaml:22:115: Expected an expression but found the end."),
        ("when: has_home}", 'when: "false"}', "form.yaml:22:103: This is never true, whatever the answers are, so nobody will come here. Remove it, or mend the condition."),
        ("when: age < 22", "when: pay < 22", "form.yaml:37:67: 'pay' is asked later"),
        ("when: age < 22", "when: agee < 22", "form.yaml:37:67: Nothing is called `agee` here. Did you mean `age`?"),
        ("key: rent,", "key: name,", "form.yaml:22:15: The key 'name' is taken already. Choose another one."),
        ("key: age,", "key: rent,", "The key 'rent' is taken already."),
        ("- key: more", "- key: home", "form.yaml:39:10: There is another page 'home'. Choose another key."),
        ("min: 1", "min: 4", "form.yaml:31:14: 'min' is larger than 'max'. Swap the two."),
        ("default: 0", "default: much", "form.yaml:38:75: This cannot be an answer: Enter an amount as a number, such as 850 or 850.50."),
        ("short: a name}", "short: a name, prefill: x}", "Questions inside a group are not prefilled one by one."),
        ("prefill: birth_date", "prefill: {fact: birth_date, value: facts.x}", "form.yaml:16:44: Nothing is called `facts` here. Did you mean `fact`?"),
        ("autocomplete: bday", "autocomplete: birthday", "form.yaml:15:23: 'autocomplete': 'birthday' is not known to browsers."),
        ("type: money, label: Pay,", "type: mony, label: Pay,", "'mony' is not a possible value of 'type'. Did you mean 'money'?"),
        ("options: [{key: harbour", "options: [{key: elm", "the option 'elm' stands here twice."),
        ("label: Anything else?,", "label: Anything else?, sensitive: true,", "a sensitive question needs a 'purpose' that says why it is asked."),
        ("label: What is your name?,", "label: What is your name?, default: x,", "a required question has no use for a 'default'."),
        ("label: What is your name?,", 'label: What is your name?, pattern: "(",', "this is not a regular expression"),
        ("      - {key: name,", "      - {key: g, type: group, label: G, item: g, questions: [{key: h, type: text, label: H}]}\n      - {key: name,", "a group stands alone on its page"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(compile_form: Compile, old: str, new: str, expected: str) -> None:
    assert old in FORM

    found = _problems(compile_form, FORM.replace(old, new, 1))

    assert any(expected in problem for problem in found), found
    assert compile_form(FORM.replace(old, new, 1))[0] is None


@pytest.fixture
def _dwellings(tmp_path: Path) -> None:
    (tmp_path / "registers").mkdir()
    shutil.copy(root() / "registers/dwellings.yaml", tmp_path / "registers")


@pytest.mark.parametrize(
    ("prefill", "expected"),
    [
        ("register: dwellngs, key: name, field: zone", "There is no register 'dwellngs'. Did you mean 'dwellings'?"),
        ("register: dwellings, key: name, field: zon", "The register 'dwellings' has no field 'zon'. Did you mean 'zone'?"),
        ("register: dwellings, key: name, field: zone", "A choice of a register is no answer to a question of the type 'date'."),
        ("register: dwellings, key: rent, field: built_on", "'rent' is asked later, so its answer is not known here."),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("_dwellings")
def test_what_a_register_cannot_answer_is_named(compile_form: Compile, prefill: str, expected: str) -> None:
    text = FORM.replace("prefill: birth_date", f"prefill: {{{prefill}, why: To spare you typing}}", 1)
    found = _problems(compile_form, text)
    assert any(expected in problem for problem in found), found


@pytest.mark.usefixtures("_dwellings")
def test_a_field_of_a_register_answers_a_question_of_its_type(compile_form: Compile) -> None:
    prefill = "prefill: {register: dwellings, key: name, field: built_on, why: To spare you typing}"
    assert _problems(compile_form, FORM.replace("prefill: birth_date", prefill, 1)) == []


def test_expressions_in_blocks_and_quotes_are_pointed_into(compile_form: Compile) -> None:
    text = HEAD + (
        "      - {key: a, type: boolean, label: A}\n"
        "      - key: b\n        type: boolean\n        label: B\n        when: |\n          a and\n          nope\n"
        '      - {key: c, type: boolean, label: C, when: "a and nope"}\n'
    )

    found = _problems(compile_form, text)

    assert any(problem.startswith("form.yaml:11:11: ") for problem in found), found
    assert any(problem.startswith("form.yaml:12:56: ") for problem in found), found


def test_a_required_condition_and_a_title_are_compiled(compile_form: Compile) -> None:
    text = HEAD + (
        "      - {key: a, type: boolean, label: A}\n"
        "      - {key: b, type: text, label: B, required: a}\n"
        "      - {key: c, type: text, label: C, required: nope}\n"
        "  - key: two\n    title: Two\n    questions:\n"
        "      - key: people\n        type: group\n        label: P\n        item: person\n        title: 1 + 1\n"
        "        questions:\n          - {key: x, type: text, label: X}\n"
        "          - {key: y, type: text, label: Y, required: x = 1}\n"
    )

    found = _problems(compile_form, text)

    assert any("form.yaml:7:50: " in problem for problem in found), found
    assert any("This gives number, but string is needed here." in problem for problem in found), found


@pytest.mark.usefixtures("collector_at_rest")
def test_a_thousand_questions_compile_in_a_second_of_processor_time(compile_form: Compile) -> None:
    pages = "pages:\n" + "".join(
        f"  - key: page-{page}\n    title: Page {page}\n    questions:\n"
        + "".join(
            f"      - {{key: q{page}_{number}, type: money, label: Question, required: false, default: 0"
            + (f", when: q{page}_{number - 1} > {number}" if number else "")
            + "}\n"
            for number in range(10)
        )
        for page in range(100)
    )
    compile_form(FORM)
    started = time.process_time()

    form, problems = compile_form(pages)

    assert (form is not None, problems) == (True, [])
    assert time.process_time() - started < 3


def test_the_keys_of_food_assistance_are_the_inputs_of_the_law() -> None:
    form = service_form("food-assistance")

    keys = {question.key for question in form.questions}
    members = next(question for question in form.questions if question.key == "members")
    assert keys >= {
        "members",
        "rent_or_mortgage",
        "dependent_care",
        "utilities_heating_or_cooling",
        "utilities_kinds",
        "utilities_telephone",
        "all_members_homeless",
        "resources",
    }
    assert {item.key for item in members.items} >= {
        "age",
        "in_school",
        "earned",
        "self_employment_receipts",
        "social_security_retirement",
        "social_security_disability",
        "ssi",
        "unemployment",
        "medical_expenses",
        "child_support_paid",
    }
