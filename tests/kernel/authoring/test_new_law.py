"""A law that was not there begins in the browser, and a service on it is tried out before either is published."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.people import AT
from tests.kernel.authoring.conftest import KEY, Office
from tests.kernel.authoring.test_law import LAW, begun, law, put
from tests.kernel.authoring.test_rehearsals import walk
from tests.kernel.authoring.test_workbench import client_of, path, said

from commonweal.kernel.authoring import actions, queries
from commonweal.kernel.authoring.errors import DraftClosed, DraftNotFound
from commonweal.kernel.authoring.models import Draft, Rehearsal
from commonweal.kernel.base.errors import Invalid
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.errors import BrokenDeclaration
from commonweal.kernel.decisions import actions as laws
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.errors import LawFixed, LawNotFound, LawOutdated
from commonweal.kernel.decisions.models import Decision, LawText
from commonweal.kernel.decisions.programmes import published

__all__ = ["law"]

NEW = {
    "key": "senior-pass",
    "name": "Senior pass (PAMC 2.44)",
    "summary": "Buses are free for seniors.",
    "reference": "PAMC 2.44.010",
    "from": "2026-01-01",
    "label": "Age for a senior pass",
    "value": "65",
    "unit": "years",
    "fact": "age",
    "compare": "at_least",
}
DECISION = """
decision:
  programme: senior-pass
  decision: Determination
  reference_on: case.submitted_on
  appeal: {days: 30, text: Write to us., legal_basis: PAMC 1}
  facts: {Applicant: "{age: age}"}
  outcome: Determination.outcome
  outcomes:
    GRANTED: {label: You get a senior pass, letter: answer, explanation: You are old enough.}
    REFUSED: {label: You get no senior pass, letter: answer, explanation: You are too young.}
"""


@pytest.fixture
def client(law: Office) -> Client:
    return client_of(law, "author")


def new_law(office: Office, **sent: str) -> Draft:
    typed = {**NEW, **sent}
    return actions.begin_new_law(typed["key"], typed, by=office.author, at=AT)


def with_service(office: Office) -> Draft:
    """A draft of the small service that asks for an age, and decides by the new law."""
    draft = office.draft()
    question = "      - {key: age, type: number, label: How old are you?, short: your age, purpose: The law asks for it}\n"
    office.save(draft, "form.yaml", draft.files["form.yaml"] + question)
    text = draft.files["service.yaml"]
    step = "    - {key: letter, kind: letter"
    review = "    - {key: look, kind: review, label: An officer looks, when: decision = null}\n"
    text = text.replace(step, "    - {key: decide, kind: decide, label: The law decides}\n" + review + step)
    return office.save(draft, "service.yaml", text + DECISION)


def test_a_new_law_works_at_once_and_is_in_force_once_another_has_approved(
    law: Office, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    assert "Write a new law" in said(client.get(reverse("authoring:list")))
    form = said(client.get(reverse("authoring:new-law")))
    assert "It is granted where the fact is" in form
    wrong = said(client.post(reverse("authoring:new-law"), {**NEW, "unit": "moons/fortnight"}), 422)
    assert "moons/fortnight" in wrong
    shown = said(client.post(reverse("authoring:new-law"), NEW, follow=True))
    assert "Draft of the new law senior-pass" in shown
    assert "The whole law is new." in shown
    assert "All 2 worked cases come out as written" in shown
    draft = Draft.objects.get()
    checked = queries.check_draft(draft)
    assert [str(one) for one in checked.problems] == []
    assert "Age for a senior pass" in said(client.get(path("figures", draft)))
    file = "2026-01-01.dmn"
    assert "Senior pass (PAMC 2.44)" in said(client.get(path("tables", draft, file=file)))

    client.post(path("propose", draft), {"note": "New.", "revision": 1})
    with django_capture_on_commit_callbacks(execute=True):
        done = client_of(law, "other").post(path("approve", draft), {"revision": 1}, follow=True)
    assert "See the law in force" in said(done)
    assert decisions.parameter_on("senior-pass", "age_for_a_senior_pass", AT.date()).entry is not None
    assert "Senior pass" in said(client.get(reverse("decisions:law", args=["senior-pass"])))
    assert "Senior pass" in said(client.get(reverse("decisions:law-list")))
    with pytest.raises(LawOutdated):
        laws.publish_law("senior-pass", {}, instead_of="", by=law.operator, at=AT)
    with pytest.raises(LawNotFound):
        laws.publish_law("nothing", {}, by=law.operator, at=AT)
    again = actions.begin_law("senior-pass", by=law.author, at=AT)
    assert again.files == again.base
    with pytest.raises(Invalid):
        new_law(law)


@pytest.mark.parametrize("compare", ["at_least", "at_most"])
@pytest.mark.parametrize("value", ["0", "0.5", "24.50", "999999999999"])
def test_every_figure_gives_a_law_that_compiles(law: Office, compare: str, value: str) -> None:
    draft = new_law(law, compare=compare, value=value, label="100 %", name='A & B "<c>"', summary="It's: #1")
    assert queries.check_draft(draft).errors == []
    assert "figure:" in draft.files["parameters.yaml"]


def test_what_is_wrong_about_a_new_law_stands_at_its_field(law: Office, settings: Any) -> None:
    bad = {"key": "X", "name": "", "summary": "a\nb", "reference": "", "label": "", "unit": "", "value": "-1"}
    with pytest.raises(Invalid) as found:
        new_law(law, **bad, fact="if", compare="", **{"from": ""})
    assert set(found.value.fields) == {*bad, "fact", "compare", "from"}
    with pytest.raises(Invalid) as found:
        new_law(law, key=LAW, **{"from": "2026-02-31"})
    assert set(found.value.fields) == {"key", "from"}
    settings.COMMONWEAL_LAW_LOOK_SECONDS = 0
    with pytest.raises(LawFixed):
        new_law(law)


def test_a_new_service_is_tried_out_on_a_new_law_before_either_is_published(
    law: Office, client: Client
) -> None:
    rule = new_law(law)
    service = with_service(law)
    assert "There is no law" in said(client.get(path("draft", service)))
    assert "With which law" in said(client.get(path("draft", service)))
    shown = said(client.post(path("lay-beside", service), {"law": str(rule.pk)}, follow=True))
    assert "Try it out" in shown
    assert "There is no law" not in shown
    assert client.post(path("lay-beside", service), {"law": "x"}).status_code == 400

    begin = {"draft": str(service.pk), "resident": "unknown", "language": "en"}
    client.post(reverse("authoring:begin-rehearsal"), begin)
    one = Rehearsal.objects.get()
    assert one.law_id == rule.pk
    walk(client, one, {"reach": {"email": "a@example.org", "age": "70"}})
    done = said(client.post(reverse("authoring:rehearsal-check", args=[one.pk]), follow=True))
    assert "You get a senior pass" in done
    assert not LawText.objects.exists()
    assert not Decision.objects.exists()
    assert not decisions.is_law("senior-pass")

    text = rule.files["parameters.yaml"].replace("value: 65", "value: 75")
    law.save(rule, "parameters.yaml", text)
    assert "You get no senior pass" in said(client.get(reverse("authoring:rehearsal", args=[one.pk])))
    law.save(rule, "parameters.yaml", rule.files["parameters.yaml"])

    service.refresh_from_db()
    with pytest.raises(BrokenDeclaration):
        actions.propose(service.pk, note="New.", revision=service.revision, by=law.author, at=AT)
    laws.publish_law("senior-pass", rule.files, instead_of="", by=law.operator, at=AT)
    published.look()
    proposed = actions.propose(service.pk, note="New.", revision=service.revision, by=law.author, at=AT)
    assert actions.approve(proposed.pk, revision=proposed.revision, by=law.other, at=AT).version is not None
    assert queries.is_outdated(Draft.objects.get(pk=rule.pk))


def test_a_law_that_is_being_written_is_tried_with_the_services_on_it(law: Office, client: Client) -> None:
    rule = new_law(law)
    service = with_service(law)
    actions.lay_beside(service.pk, rule.pk, by=law.author, at=AT)
    actions.lay_beside(service.pk, rule.pk, by=law.author, at=AT)
    shown = said(client.get(path("draft", rule)))
    assert "A service that rests on this law" in shown
    assert f'value="{service.pk}"' in shown
    begin = {"law": str(rule.pk), "service": str(service.pk), "resident": "unknown", "language": "en"}
    begun_page = said(client.post(reverse("authoring:begin-rehearsal"), begin, follow=True))
    assert "The draft of the law" in begun_page
    assert "How old are you?" in begun_page
    one = Rehearsal.objects.get()
    assert (one.draft_id, one.law_id) == (service.pk, rule.pk)

    actions.discard(rule.pk, by=law.author, at=AT + timedelta(days=1))
    assert Draft.objects.get(pk=service.pk).law_beside is None
    with pytest.raises(DraftClosed):
        actions.lay_beside(service.pk, rule.pk, by=law.author, at=AT)
    assert actions.lay_beside(service.pk, None, by=law.author, at=AT).beside_id is None


def test_only_a_law_lies_beside_a_service(law: Office) -> None:
    rule, service = begun(law), law.draft()
    for draft, other in ((rule, rule), (service, service)):
        with pytest.raises(DraftNotFound):
            actions.lay_beside(draft.pk, other.pk, by=law.author, at=AT)
    for one in ({"draft_id": service.pk, "law_id": service.pk}, {"draft_id": rule.pk}):
        with pytest.raises(DraftNotFound):
            actions.begin_rehearsal(KEY, resident="adult", language="en", by=law.author, at=AT, **one)


def test_a_live_service_is_tried_with_the_next_text_of_its_law(law: Office) -> None:
    publish_folder("school-meals", by=Actor.system("tests"), at=AT)
    assert ("school-meals", "Free or cheaper school meals") in queries.services_to_try(
        Draft(kind="law", service_key="school-meals", agency="human-services"), law.author
    )
    draft = put(law, "value: 20}", "value: 22}")
    assert queries.services_to_try(draft, law.author) == []
