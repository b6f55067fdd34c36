from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.people import AT
from tests.kernel.authoring.conftest import KEY, Office, small_service

from commonweal.kernel.authoring import actions, queries
from commonweal.kernel.authoring.archives import read_zip, write_zip
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.actions import publish_files


def client_of(office: Office, who: str) -> Client:
    client = Client()
    client.force_login(office.officers[who].account)
    return client


@pytest.fixture
def client(office: Office) -> Client:
    return client_of(office, "author")


def path(route: str, draft: Draft, **more: str) -> str:
    return reverse(f"authoring:{route}", kwargs={"draft_id": draft.pk, **more})


def said(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:2000]
    return str(response.content.decode())


def test_an_officer_changes_a_service_and_another_publishes_it(office: Office, client: Client) -> None:
    begun = client.post(reverse("authoring:begin"), {"service": KEY}, follow=True)
    assert "Nothing is different." in said(begun)
    draft = Draft.objects.get()

    editor = said(client.get(path("texts", draft, file="form.yaml")))
    assert 'value="E-mail address"' in editor
    saved = client.post(
        path("texts", draft, file="form.yaml"),
        {
            "seen": queries.fingerprint(draft.files["form.yaml"]),
            "t:pages/0/questions/0/label": "Where can we write to you?",
        },
    )
    assert "Saved." in said(saved)
    draft.refresh_from_db()
    assert draft.files["form.yaml"] == small_service()["form.yaml"].replace(
        "E-mail address", "Where can we write to you?"
    )

    shown = said(client.get(path("draft", draft)))
    assert "Where can we write to you?" in shown
    assert "Propose to publish" in shown
    data = {"note": "Plainer words.", "revision": draft.revision}
    proposed = said(client.post(path("propose", draft), data, follow=True))
    assert "Another officer has to approve it." in proposed
    assert "Approve and publish" not in proposed
    assert said(client.post(path("approve", draft), {"revision": draft.revision}), 403)

    other = client_of(office, "operator")
    assert "Approve and publish" in said(other.get(path("draft", draft)))
    done = other.post(path("approve", draft), {"revision": draft.revision}, follow=True)
    assert "See the version that it became" in said(done)
    assert catalogue.live_version(KEY).number == 2


def test_two_texts_of_one_file_are_both_shown(office: Office, client: Client) -> None:
    draft = office.draft()
    seen = queries.fingerprint(draft.files["form.yaml"])
    office.save(draft, "form.yaml", "pages: [] # theirs\n", by=office.other)

    answer = client.post(path("file", draft, file="form.yaml"), {"text": "# mine\npages: []\n", "seen": seen})
    shown = said(answer, 409)
    assert "Nothing was overwritten." in shown
    assert "pages: [] # theirs" in shown
    assert "# mine" in shown
    assert Draft.objects.get().files["form.yaml"] == "pages: [] # theirs\n"

    now_seen = queries.fingerprint("pages: [] # theirs\n")
    assert f'value="{now_seen}"' in shown
    again = client.post(path("file", draft, file="form.yaml"), {"text": "# both\n", "seen": now_seen})
    assert "Saved, with mistakes" in said(again)

    texts = client.post(path("texts", draft, file="service.yaml"), {"seen": "x", "t:name": "My name"})
    shown = said(texts, 409)
    assert 'value="My name"' in shown
    assert "Saved by somebody else: Library card" in shown


def test_messages_stand_beside_the_text_and_come_while_it_is_written(office: Office, client: Client) -> None:
    draft = office.draft()
    broken = draft.files["service.yaml"].replace("human-services", "human-service")
    live = said(client.post(path("messages", draft, file="service.yaml"), {"text": broken}))
    assert "Line 6" in live
    assert "Did you mean &#39;human-services&#39;?" in live
    assert "<html" not in live
    assert Draft.objects.get().revision == 1

    seen = queries.fingerprint(draft.files["service.yaml"])
    saved = client.post(path("file", draft, file="service.yaml"), {"text": broken, "seen": seen})
    assert "Did you mean &#39;human-services&#39;?" in said(saved)
    other = said(client.get(path("file", draft, file="form.yaml")))
    assert "Mistakes in other files: 1." in other
    page = said(client.get(path("draft", draft)))
    assert "A draft with mistakes can be kept, but not published." in page
    assert "Propose to publish" not in page


def test_text_that_is_refused_is_shown_again(office: Office, client: Client) -> None:
    draft = office.draft()
    answer = client.post(path("file", draft, file="form.yaml"), {"text": "bell \x07 here", "seen": "x"})
    assert "control character" in said(answer, 422)
    assert "bell" in said(answer, 422)


def test_worked_cases_are_run_on_the_page(office: Office, client: Client) -> None:
    from commonweal.kernel.catalogue.actions import publish_folder

    publish_folder("school-meals", by=Actor.system("tests"), at=AT)
    draft = actions.begin_draft("school-meals", by=office.author, at=AT)
    wrong = draft.files["cases.yaml"].replace("outcome: PAID", "outcome: FREE", 1)
    office.save(draft, "cases.yaml", wrong)

    assert "Worked cases otherwise than written: 1 of 8" in said(client.get(path("draft", draft)))
    shown = said(client.get(path("cases", draft)))
    assert "The outcome is PAID, FREE is expected." in shown
    assert "As written: 7" in shown
    assert shown.count("as written<") == 7


def test_files_come_and_go(office: Office, client: Client) -> None:
    draft = office.draft()
    added = client.post(path("add-file", draft), {"name": "letters/second.md"}, follow=True)
    assert "letters/second.md" in said(added)
    assert "already" in said(client.post(path("add-file", draft), {"name": "letters/second.md"}), 422)
    assert "Known kinds" in said(client.post(path("add-file", draft), {"name": "run.py"}), 422)
    data = {"seen": queries.fingerprint("")}
    client.post(path("remove-file", draft, file="letters/second.md"), data)
    assert "letters/second.md" not in Draft.objects.get().files
    assert client.get(path("file", draft, file="nothing.md")).status_code == 404
    assert client.get(path("texts", draft, file="letters/answer.md")).status_code == 404


def test_a_folder_goes_out_and_comes_in(office: Office, client: Client) -> None:
    draft = office.draft()
    archive = client.get(path("archive", draft))
    assert archive["Content-Disposition"] == 'attachment; filename="library-card.zip"'
    files = {name: raw.decode() for name, raw in read_zip(archive.content).items()}
    assert files == small_service()
    changed = BytesIO(write_zip(KEY, {**files, "form.yaml": files["form.yaml"] + "# git\n"}))
    client.post(reverse("authoring:import"), {"archive": changed})
    assert Draft.objects.get().files["form.yaml"].endswith("# git\n")

    assert "Choose a file first." in said(client.post(reverse("authoring:import")), 422)
    none = client.post(reverse("authoring:import"), {"archive": BytesIO(b"none")})
    assert "not a zip archive" in said(none, 422)


def test_what_is_wrong_with_a_new_service_stands_at_its_field(office: Office, client: Client) -> None:
    data = {"key": "Bike", "name": "Bikes", "summary": "A place."}
    shown = said(client.post(reverse("authoring:new"), data), 422)
    assert "Use small letters, digits and hyphens" in shown
    assert 'value="Bikes"' in shown
    made = client.post(reverse("authoring:new"), {**data, "key": "bike"}, follow=True)
    assert "Draft of the new service bike" in said(made)


def test_a_proposal_is_sent_back_taken_back_and_given_up(office: Office, client: Client) -> None:
    draft = office.proposed()
    other = client_of(office, "other")
    assert "what has to change" in said(other.post(path("send-back", draft), {"reason": ""}), 422)
    assert "Too short" in said(other.post(path("send-back", draft), {"reason": "Too short"}, follow=True))
    draft.refresh_from_db()
    client.post(path("propose", draft), {"note": "Longer.", "revision": draft.revision})
    assert "Propose to publish" in said(client.post(path("take-back", draft), follow=True))
    assert said(client.post(path("propose", draft), {"note": "x", "revision": "x"}), 400)
    assert said(client.post(path("propose", draft), {"note": "", "revision": draft.revision}), 422)
    assert "Given up" in said(client.post(path("discard", draft), follow=True))


def test_what_was_published_meanwhile_is_taken_over(office: Office, client: Client) -> None:
    draft = office.draft()
    base = small_service()
    office.save(draft, "form.yaml", base["form.yaml"] + "# mine\n")
    publish_files(KEY, {**base, "form.yaml": base["form.yaml"] + "# theirs\n"}, by=Actor.system("git"), at=AT)
    assert "Another version was published meanwhile" in said(client.get(path("draft", draft)))
    shown = said(client.post(path("catch-up", draft)), 409)
    assert "form.yaml" in shown
    assert 'name="merged"' in shown
    assert "version 2" in said(client.post(path("catch-up", draft), {"merged": "yes"}, follow=True))


def test_the_list_takes_as_many_queries_for_three_as_for_one(office: Office, client: Client) -> None:
    office.draft()

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            said(client.get(reverse("authoring:list")))
        return len(captured)

    count()
    with_one = count()
    for key in ("one", "two"):
        actions.begin_new(key, name=key, summary=key, by=office.author, at=AT)
    assert count() == with_one


def test_others_are_kept_out(office: Office) -> None:
    draft = office.draft()
    stranger = client_of(office, "stranger")
    assert stranger.get(path("draft", draft)).status_code == 404
    assert client_of(office, "operator").post(reverse("authoring:begin"), {"service": KEY}).status_code == 403
    assert Client().get(reverse("authoring:list")).status_code in {302, 401}


def test_questions_are_put_in_order_added_and_taken_away(office: Office, client: Client) -> None:
    draft = office.draft()

    def seen() -> str:
        return queries.fingerprint(Draft.objects.get().files["form.yaml"])

    new = {"place": "reach", "key": "phone", "kind": "phone", "label": "Telephone", "short": "your number"}
    added = client.post(path("add-question", draft), {**new, "seen": seen()}, follow=True)
    assert "Telephone" in said(added)
    moved = client.post(path("arrange", draft), {"act": "up reach/phone", "seen": seen()}, follow=True)
    assert said(moved).index(">Telephone</a>") < said(moved).index(">E-mail address</a>")
    page = client.post(
        path("add-page", draft), {"page_key": "home", "title": "Your home", "seen": seen()}, follow=True
    )
    assert "Your home" in said(page)
    client.post(path("arrange", draft), {"act": "remove home", "seen": seen()})
    form = catalogue_form(draft)
    assert [question.key for question in form.pages[0].questions] == ["phone", "email"]
    assert len(form.pages) == 1

    assert (
        said(client.post(path("add-question", draft), {"place": "reach", "seen": seen()}), 422).count(
            "Write it in one line."
        )
        >= 2
    )
    assert "Use small letters" in said(client.post(path("add-page", draft), {"page_key": "A"}), 422)
    assert "Nothing was overwritten." in said(
        client.post(path("arrange", draft), {"act": "down reach/phone", "seen": "old"}), 409
    )
    assert client.post(path("arrange", draft), {"act": "explode reach"}).status_code == 400
    gone = client.post(path("arrange", draft), {"act": "up reach/phone", "seen": seen()})
    assert "We could not find this place" in said(gone, 404)


def catalogue_form(draft: Draft) -> Any:
    checked = queries.check(KEY, Draft.objects.get(pk=draft.pk).files)
    assert checked.service is not None, checked.errors
    return checked.service.sections["form"]


def test_a_question_has_a_page_of_its_own(office: Office, client: Client) -> None:
    draft = office.draft()
    text = draft.files["form.yaml"] + (
        "      - {key: age, type: number, label: Age, short: your age, max: 120}\n"
        "      - key: branch\n        type: choice\n        label: Branch\n        short: a branch\n"
        "        options:\n          - {key: north, label: North, hint: By the park}\n          - {key: south, label: South}\n"
    )
    office.save(draft, "form.yaml", text)
    place = path("question", draft, place="reach/branch")
    shown = said(client.get(place))
    assert "north = North" in shown
    assert "&#34;name&#34;: &#34;age&#34;" in shown  # completion knows what was asked before
    sent = {
        "label": "Which branch?",
        "short": "a branch",
        "options": "south = The south\r\nnorth = North\r\neast = East",
        "when": "age >= 14",
        "required": "no",
        "that": 'branch != "east" or age > 20',
        "message": "The branch in the east is for adults.",
        "seen": queries.fingerprint(text),
    }
    assert "Saved." in said(client.post(place, sent))
    question = catalogue_form(draft).pages[0].questions[-1].spec
    assert [(one.key, one.label, one.hint) for one in question.options] == [
        ("south", "The south", ""),
        ("north", "North", "By the park"),
        ("east", "East", ""),
    ]
    assert (question.label, question.when, question.required) == ("Which branch?", "age >= 14", False)
    assert question.valid[0].message == "The branch in the east is for adults."

    wrong = said(client.post(place, {**sent, "options": "none", "message": ""}), 422)
    assert "Write one answer a line" in wrong
    assert "A rule needs both" in said(client.post(place, {**sent, "message": ""}), 422)
    number = path("question", draft, place="reach/age")
    assert "Write a number." in said(client.post(number, {"min": "many", "seen": "x"}), 422)
    stale = said(client.post(number, {"label": "How old?", "seen": "x"}), 409)
    assert 'value="How old?"' in stale
    assert "Saved by somebody else: Age" in stale
    seen = queries.fingerprint(Draft.objects.get().files["form.yaml"])
    condition = {"when": "branch = ", "min": "14", "max": "99.5", "required": "when", "required_when": "true"}
    saved = client.post(number, {**condition, "seen": seen})
    assert "mistake" in said(saved)
    assert "max: '99.5'" in Draft.objects.get().files["form.yaml"]

    head = path("question", draft, place="reach")
    seen = queries.fingerprint(Draft.objects.get().files["form.yaml"])
    client.post(head, {"title": "Reach", "guidance": "One.\r\n\r\nTwo.", "when": "", "seen": seen})
    assert (
        "title: Reach\n    guidance: |\n      One.\n\n      Two.\n" in Draft.objects.get().files["form.yaml"]
    )
    assert client.get(path("question", draft, place="reach/nobody")).status_code == 404
