from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.kernel.catalogue.conftest import MINIMAL
from tests.kernel.forms.conftest import FORM
from tests.kernel.paper.pdfs import inside, marks, texts

from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.catalogue.compiler.service import compile_files, compile_service
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.forms.types.schema import GroupQuestion
from commonweal.kernel.paper.codes import new_code, qr_text
from commonweal.kernel.paper.preface import Applicant
from commonweal.kernel.paper.printing import Copy, form_pdf

AT = datetime(2026, 9, 15, 18, 0, tzinfo=UTC)
MORE = """\
  - key: rest
    title: The rest
    questions:
      - {key: kind, type: choice, label: Which card?, hint: Only one., options: [{key: a, label: Adult}, {key: c, label: Child, hint: Below 16.}]}
      - {key: place, type: address, label: Where do you live?}
      - {key: mail, type: email, label: Your e-mail}
      - {key: letter, type: file, label: A letter, purpose: It shows it.}
      - {key: weight, type: number, label: How heavy?, unit: kg}
"""
ANSWERS = {
    "name": "Ada Lovelace",
    "birth_date": "1815-12-10",
    "has_home": True,
    "rent": "700.00",
    "members": [
        {"member_name": f"Child {at}", "age": str(at), "school": at > 2, "pay": None} for at in range(1, 5)
    ],
    "branches": ["elm"],
    "note": "Nothing",
    "kind": "c",
    "place": {"street": "1 Quay", "unit": "", "city": "Port Alder", "postal_code": "98000"},
    "mail": "ada@example.org",
    "letter": [{"id": "x", "name": "letter.pdf", "media_type": "application/pdf", "size_bytes": 1}],
}


@pytest.fixture(scope="module")
def service() -> CompiledService:
    files = {"service.yaml": MINIMAL, "form.yaml": FORM + MORE}
    found, problems = compile_files(root(), "services/library-card", files)
    assert found is not None, problems
    return found


@pytest.fixture(scope="module")
def parking() -> CompiledService:
    found, _problems = compile_service(root(), "services/parking-permit")
    assert found is not None
    return found


def blank(service: CompiledService, language: str = "en") -> Copy:
    return Copy(new_code(service.hash), service, language, AT)


def test_every_question_is_printed_with_what_helps_to_answer_it(service: CompiledService) -> None:
    text = " ".join(texts(form_pdf(blank(service))))

    for said in (
        "1. What is your name?",
        "4. How much is your rent? Answer this only if you answered “Yes” to question 3.",
        "Part 3: Who lives with you Answer this only if you answered “Yes” to question 3.",
        "5. People",
        "Person 1 Person 2 Person 3",
        "5a. Name",
        "Answer this only if what you wrote under question 5b is less than 22. You may leave this blank.",
        "Copy this table",
        "8. Which card? Only one. Put a cross into one box. Adult Child Below 16.",
        "Street and number",
        "11. A letter Why we ask this: It shows it. I have put it in with this form.",
        "First paragraph, one line.",
        "To lend you books. The law that allows it:",
        "Your signature",
    ):
        assert said in text, said


def test_every_page_says_which_copy_and_page_it_is(service: CompiledService) -> None:
    copy = blank(service)
    pdf = form_pdf(copy)
    pages = texts(pdf)

    assert len(pages) > 2
    assert marks(pdf) == [qr_text(copy.code, page) for page in range(1, len(pages) + 1)]
    for number, text in enumerate(pages, start=1):
        assert text.count(copy.code) == 2
        assert f"Page {number} / {len(pages)}" in text


def test_a_page_is_read_from_a_poor_scan(service: CompiledService) -> None:
    copy = blank(service)

    assert marks(form_pdf(copy), scale=100 / 72)[0] == qr_text(copy.code, 1)


def test_the_form_is_tagged_for_those_who_hear_it(service: CompiledService) -> None:
    content = inside(form_pdf(blank(service)))

    assert b"pdfuaid:part>1<" in content
    assert re.search(rb"/Lang\s*\(en", content)
    for tag in (b"/H1", b"/H2", b"/H3", b"/L", b"/Table", b"/TH", b"/TD"):
        assert b"/S " + tag in content or b"/S" + tag in content, tag


def test_the_same_copy_gives_the_same_bytes(service: CompiledService) -> None:
    copy = blank(service)

    assert form_pdf(copy) == form_pdf(copy)


def test_what_is_known_stands_in_the_boxes(service: CompiledService) -> None:
    who = Applicant("Ada King", date(1815, 12, 10), ("1 Quay", "Port Alder"), "ada@example.org")
    copy = replace(blank(service), applicant=who, answers=ANSWERS)
    text = " ".join(texts(form_pdf(copy)))

    for said in (
        "Ada King",
        "1 Quay, Port Alder",
        "Ada Lovelace",
        "Month 12 Day 10 Year 1815",
        "700",
        "Child 4",
        "Person 4",
        "X Elm Park",
    ):
        assert said in text, said
    assert "Handed in online already: letter.pdf" in text
    assert "X Child" in text
    assert "X Adult" not in text


@pytest.mark.parametrize(("language", "said"), [("es", "Parte 1"), ("ar", "الجزء")])
def test_the_form_speaks_the_languages_of_its_service(
    parking: CompiledService, language: str, said: str
) -> None:
    pdf = form_pdf(blank(parking, language))
    text, translate = " ".join(texts(pdf)), parking.translator(language)

    assert re.search(rb"/Lang\s*\(" + language.encode(), inside(pdf))
    assert marks(pdf)[0].startswith("CW/")
    if language == "es":
        assert said in text
        for question in parking.sections["form"].questions:
            assert not isinstance(question.spec, GroupQuestion)
            assert " ".join(translate(question.spec.label).split()) in text


def test_more_pages_than_expected_are_printed_too() -> None:
    page = "  - key: p{n}\n    title: Page {n}\n    questions: [{{key: q{n}, type: long_text, label: Say {n}}}]\n"
    form = "pages:\n" + "".join(page.format(n=number) for number in range(34))
    found, _problems = compile_files(
        root(), "services/library-card", {"service.yaml": MINIMAL, "form.yaml": form}
    )
    assert found is not None
    pdf = form_pdf(blank(found))

    assert len(texts(pdf)) > 12
    assert marks(pdf, only_last=True)[0].endswith(f"/{len(texts(pdf))}")
