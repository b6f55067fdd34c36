"""Every table says whose data it holds, for how long, how they are erased, and which agency answers for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from commonweal.kernel.base.append_only import guarded_tables
from commonweal.kernel.base.personal import Erasure, Personal

MODELS = sorted(
    (model for model in apps.get_models() if model.__module__.startswith("commonweal.")),
    key=lambda model: model._meta.label,
)
PERSONAL = [model for model in MODELS if getattr(model, "personal", None) is not None]

INEXACT = (models.FloatField, models.DecimalField)
NO_AGENCY = {
    "base.IdempotentAnswer": "an answer of the API, kept for a day for whoever asked",
    "base.SharedEntry": "counts of attempts, by network address; nobody has signed in yet",
    "ledger.Stream": "a counter; the entries name the agency of whoever acted",
    "ledger.SubjectKey": "a person's key serves the entries of every agency",
    "jobs.CronTick": "the clock of the installation",
    "files.StoredFile": "belongs to a stream, whose app says who may read it",
    "files.Upload": "likewise, until it is complete",
    "places.Address": "the government's common address book",
    "people.ApiToken": "of an account",
    "people.Account": "a way to sign in; officers and grants name the agency",
    "people.Person": "residents belong to no agency; each access is recorded",
    "people.Merge": "joins records of one resident",
    "people.Identifier": "of a resident",
    "people.Fact": "of a resident",
    "people.Organisation": "belongs to no agency",
    "people.Membership": "its team and its officer name the agency",
    "registers.RegisterEntry": "the register's declaration names its keeper",
    "registers.SearchValue": "of an entry",
    "mailbox.Attachment": "of a message",
    "awards.Change": "of an award",
    "reassessments.Item": "of a re-assessment",
    "rounds.Entry": "of a round",
    "entitlements.Agreement": "of a resident",
    "proactive.Offer": "of a case",
    "revocations.Revocation": "of a case",
    "consultations.Consultation": "of a case",
    "consultations.Neighbour": "of a consultation",
    "awards.Pool": "its key names the service whose capacity it counts",
    "decisions.LawVersion": "law is in force for every agency",
    "decisions.LawText": "law is in force for every agency",
    "insight.Checkpoint": "of a simulation",
    "cases.Note": "of a case",
    "cases.Inquiry": "of a case",
    "cases.Signature": "of a case",
    "cases.Place": "of a case",
    "forms.Unsent": "of a form",
}
OTHER_SUBJECTS = {"base.IdempotentAnswer": "kind and id of whoever asked, as one text"}
KEPT_WITHOUT_CASCADE = {
    "ledger.AccessRecord": "residents see who looked at their data; the row holds ids only",
    "people.Merge": "goes when both records are erased; until then it can be undone",
}


def declaration_problems(model: Any, known_agencies: dict[str, str] = NO_AGENCY) -> list[str]:
    """What a model does not say."""
    found = []
    if "personal" not in model.__dict__:
        found.append("it declares no `personal`; write NONE if it holds no personal data")
    label = model._meta.label
    names = {field.name for field in model._meta.get_fields()}
    if ("agency" in names) is (label in known_agencies):
        found.append("it has an agency, or a reason in NO_AGENCY, never both")
    declared: Personal | None = getattr(model, "personal", None)
    return found if declared is None else found + personal_problems(model, declared)


def personal_problems(model: Any, declared: Personal) -> list[str]:
    """What is wrong with a declaration of personal data."""
    found = []
    if not declared.purpose.strip() or not declared.retention.strip():
        found.append("purpose and retention are not stated")
    if not declared.fields:
        found.append("it names no fields that hold personal data")
    names = {field.name for field in model._meta.get_fields()}
    found += [f"it has no field {name}" for name in declared.fields if name not in names]
    try:
        end = subject_field(model, declared.subject)
    except LookupError as error:
        return [*found, f"the path to the subject breaks at {error}"]
    if not isinstance(end, models.UUIDField) and model._meta.label not in OTHER_SUBJECTS:
        found.append(f"the subject {declared.subject} is no id of a person")
    return found


def subject_field(model: Any, path: str) -> Any:
    """The column to which a look-up path leads."""
    field: Any = None
    for part in path.split("__"):
        known = {field.name: field for field in model._meta.get_fields()}
        known |= {field.attname: field for field in model._meta.concrete_fields}
        if part not in known:
            raise LookupError(part)
        field = known[part]
        if field.is_relation:
            model = field.related_model
            field = model._meta.pk
    return field


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_table_says_whose_data_it_holds_and_who_answers_for_it(model: Any) -> None:
    assert declaration_problems(model) == []


def test_reasons_are_for_tables_that_exist() -> None:
    labels = {model._meta.label for model in MODELS}
    assert {*NO_AGENCY, *OTHER_SUBJECTS, *KEPT_WITHOUT_CASCADE} - labels == set()
    assert len(MODELS) > 25


def test_a_careless_table_is_found() -> None:
    class Careless(models.Model):
        name = models.CharField(max_length=10)

        class Meta:
            app_label = "tests"

        def __str__(self) -> str:
            return self.name

    try:
        assert len(declaration_problems(Careless)) == 2
        wrong = Personal("owner_id", " ", "", Erasure.DELETE_ROWS, ("nickname",))
        assert personal_problems(Careless, wrong) == [
            "purpose and retention are not stated",
            "it has no field nickname",
            "the path to the subject breaks at owner_id",
        ]
        assert personal_problems(Careless, Personal("name", "x", "x", Erasure.DELETE_ROWS, ("name",))) == [
            "the subject name is no id of a person"
        ]
    finally:
        del apps.all_models["tests"]
        apps.clear_cache()


@pytest.mark.django_db
@pytest.mark.parametrize("model", PERSONAL, ids=lambda model: model._meta.label)
def test_the_erasure_that_a_table_declares_can_be_carried_out(model: Any) -> None:
    declared: Personal = model.personal
    fields = [model._meta.get_field(name) for name in declared.fields]
    is_guarded = model._meta.db_table in guarded_tables(connection)
    if declared.erasure is Erasure.DELETE_ROWS:
        assert not is_guarded, "its rows are written once and can never be deleted"
    elif declared.erasure is Erasure.BLANK_FIELDS:
        assert not is_guarded, "its rows are written once and can never be blanked"
        assert [field.name for field in fields if not _can_be_blank(field)] == []
    elif declared.erasure is Erasure.DESTROY_KEY:
        assert model._meta.app_label == "ledger", "only the ledger encrypts under a key of the subject"
        assert all(isinstance(field, models.BinaryField) for field in fields)
    elif model._meta.label not in KEPT_WITHOUT_CASCADE:
        parents = [field for field in model._meta.concrete_fields if field.is_relation]
        cascading = [each for each in parents if each.remote_field.on_delete is models.CASCADE]
        assert cascading, "nothing deletes its rows with the parent's"
        assert [each for each in cascading if getattr(each.related_model, "personal", None)]


def _can_be_blank(field: Any) -> bool:
    """Whether the database takes an empty value: null, or an empty text, list or object."""
    takes_empty = (models.CharField, models.TextField, models.JSONField)
    return field.null or isinstance(field, takes_empty)


def test_times_have_a_zone_and_names_that_say_so(settings: Any) -> None:
    assert settings.USE_TZ
    assert settings.TIME_ZONE == "UTC"
    fields = [field for model in MODELS for field in model._meta.concrete_fields]
    times = [field for field in fields if type(field) is models.DateTimeField]
    days = [field for field in fields if type(field) is models.DateField]
    named = {"last_login", "last"}  # Django's own, and the clock's last tick
    assert [
        str(each) for each in times if not _ends(each, "_at", "at", "_until") and each.name not in named
    ] == []
    assert [str(each) for each in days if not _ends(each, "_on")] == []
    assert [str(field) for field in fields if isinstance(field, models.TimeField)] == []


def _ends(field: Any, *endings: str) -> bool:
    return field.name.endswith(endings)


def test_money_is_whole_minor_units_beside_its_currency() -> None:
    for model in MODELS:
        columns = {field.name: field for field in model._meta.concrete_fields}
        inexact = {name for name, each in columns.items() if isinstance(each, INEXACT)}
        assert inexact <= {"latitude", "longitude"}, model
        for name, field in columns.items():
            if name.endswith("_minor"):
                assert isinstance(field, models.IntegerField), field
                assert "currency" in columns or f"{name.removesuffix('_minor')}_currency" in columns, field
