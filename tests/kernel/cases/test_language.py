"""The language in which an applicant is written to about a case."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta

import pytest
from django.utils import translation
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.cases import actions, queries
from commonweal.kernel.jobs import messages
from commonweal.kernel.jobs.models import OutboxMessage
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.mailbox.queries import messages_about

pytestmark = pytest.mark.django_db


def _notices() -> list[str]:
    stored = [messages.load(mail.payload or "") for mail in OutboxMessage.objects.order_by("created_at")]
    mails = [email.message_from_bytes(each.content, policy=email.policy.default) for each in stored]
    return [str(mail["Subject"]).strip() for mail in mails]


def _said(text: str, language: str) -> str:
    with translation.override(language):
        return translation.gettext(text).partition("%")[0].strip()


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_letter_and_notice_come_in_the_language_that_the_answers_ask_for(town: Town, language: str) -> None:
    case = town.send(food_answers(contact_language=language))

    [line] = messages_about(case.stream)
    assert (line.letter_key, line.language) == ("award", language)
    [notice] = _notices()
    assert notice.startswith(_said("You have a new letter from %(sender)s", language))
    assert town.person.language == "en"


def test_letter_comes_in_the_language_of_the_account_where_the_answer_names_none(town: Town) -> None:
    town.person.language = "es"
    town.person.save()
    case = town.send(food_answers())
    known = queries.knowledge_of(case, at=AT)
    known.answers = {**known.answers, "contact_language": "fr"}

    assert known.applicant.language == "es"


def test_question_of_an_officer_comes_in_the_language_that_the_answers_ask_for(town: Town) -> None:
    case = town.send(food_answers(circumstances=["strike"], contact_language="es"))
    OutboxMessage.objects.all().delete()

    actions.ask_applicant(case.pk, "How many days?", by=town.officer, at=AT + timedelta(hours=1))

    written = Message.objects.filter(thread__stream=case.stream).values_list("language", flat=True)
    assert set(written) <= {"es"}
    [notice] = _notices()
    in_spanish = (
        _said("We have a question about your application", "es"),
        _said("You have a new letter from %(sender)s", "es"),
    )
    assert notice.startswith(in_spanish)
