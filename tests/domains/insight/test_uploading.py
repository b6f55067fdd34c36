"""Uploaded populations: read whole, or refused with row and column."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.domains.insight.conftest import AT

from commonweal.domains.insight import actions
from commonweal.domains.insight.actions import Upload
from commonweal.domains.insight.errors import BadPopulation, PopulationGone
from commonweal.domains.insight.models import Population
from commonweal.domains.insight.types import PopulationChoice
from commonweal.domains.insight.uploading import tables
from commonweal.domains.insight.uploading.examples import example_csv
from commonweal.domains.insight.uploading.households import read_population
from commonweal.domains.insight.uploading.tables import Unusable, best_name, short_names, wanted_columns
from commonweal.kernel.base.errors import Forbidden
from commonweal.kernel.base.types import Actor
from commonweal.kernel.files.actions import delete_file
from commonweal.kernel.files.models import StoredFile
from commonweal.kernel.files.queries import may_read
from commonweal.kernel.ledger.queries import events_of

SCHEMA = pa.schema(
    [
        (
            "H",
            pa.struct(
                [
                    (
                        "members",
                        pa.list_(
                            pa.struct(
                                [("age", pa.int64()), ("pay", pa.decimal128(12, 2)), ("born", pa.date32())]
                            )
                        ),
                    ),
                    ("rent", pa.decimal128(12, 2)),
                    ("is_homeless", pa.bool_()),
                    ("zone", pa.string()),
                ]
            ),
        ),
        ("Other", pa.struct([("age", pa.int64())])),
    ]
)
HEADER = "household,district,members.age,pay,born,rent,is_homeless,zone,Other.age\n"
GOOD = (
    HEADER
    + "1,Old Mill,35,1000.50,1990-01-31,700,no,A,3\n"
    + "1,Old Mill,7,0,2018-05-05,700,no,A,3\n"
    + "2,Harbour,80,12,1946-02-02,0,YES,B,4\n"
)


def read(text: str, name: str = "people.csv"):
    return read_population(text.encode(), name, SCHEMA)


def test_people_become_households_in_the_shape_of_the_model():
    found = read("\ufeff" + GOOD)
    rows = pq.read_table(io.BytesIO(found.parquet)).to_pylist()
    assert (found.households, found.people) == (2, 3)
    assert [member["age"] for member in rows[0]["H"]["members"]] == [35, 7]
    assert str(rows[0]["H"]["members"][0]["pay"]) == "1000.50"
    assert (rows[1]["H"]["is_homeless"], rows[1]["H"]["zone"], rows[1]["Other"]) == (True, "B", {"age": 4})
    assert [(row["district"], row["household_type"]) for row in rows] == [("Old Mill", ""), ("Harbour", "")]


def test_parquet_is_read_alike():
    table = pa.table(
        {
            "household": [1, 1, 2],
            "H.members.age": [35, 7, 80],
            "pay": [1000.5, 0.0, 12.0],
            "born": ["1990-01-31", "2018-05-05", "1946-02-02"],
            "rent": pa.array([700, 700, 0], pa.int32()),
            "is_homeless": [False, False, True],
            "zone": pa.array(["A", "A", "B"]).dictionary_encode(),
            "Other.age": [3, 3, 4],
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    rows = pq.read_table(io.BytesIO(read_population(out.getvalue(), "x.PARQUET", SCHEMA).parquet)).to_pylist()
    other = pq.read_table(io.BytesIO(read(GOOD).parquet)).to_pylist()
    assert [row["H"] for row in rows] == [row["H"] for row in other]


def test_names_are_as_short_as_they_are_clear():
    wanted = wanted_columns(SCHEMA)
    names = short_names(wanted)
    assert [best_name(column, names) for column in wanted] == [
        "members.age", "pay", "born", "rent", "is_homeless", "zone", "Other.age",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("1000.50", "", "row 2, column pay: The cell is empty."),
        ("1000.50", "a lot", "row 2, column pay: 'a lot' is not a number with at most two decimals."),
        ("1000.50", "1.005", "row 2, column pay: '1.005' is not a number with at most two decimals."),
        ("1000.50", "-1", "row 2, column pay: -1 lies outside of 0 to 10,000,000."),
        (",80,", ",8.5,", "row 4, column members.age: 8.5 is not a whole number."),
        ("2018-05-05", "5.5.2018", "row 3, column born: '5.5.2018' is not a date such as 2026-09-15."),
        ("YES", "maybe", "row 4, column is_homeless: 'maybe' is neither yes nor no."),
        ("1,Old Mill,7,", ",Old Mill,7,", "row 3, column household: The cell is empty."),
        (
            "1,Old Mill,7,0,2018-05-05,700",
            "1,Old Mill,7,0,2018-05-05,701",
            "row 3, column H.rent: It must be the same",
        ),
        ("1,Old Mill,7,", "1,Harbour,7,", "row 3, column district: It must be the same"),
        (",rent,", ",rents,", "column rents: The model knows no such column."),
        (",A,3\n2", ",A,3\n1,Old Mill,7,0,2018-05-05,700,no,A,3\n3", ""),
        ("B", "B" * 121, "row 4, column zone: The text is longer than 120 letters."),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(before, after, says):
    assert before in GOOD
    text = GOOD.replace(before, after, 1)
    if not says:
        assert read(text).people == 4
        return
    with pytest.raises(Unusable) as caught:
        read(text)
    assert str(caught.value.faults[0]).startswith(says)


def test_a_household_that_comes_back_is_refused():
    with pytest.raises(Unusable) as caught:
        read(GOOD + "1,Old Mill,9,0,2017-05-05,700,no,A,3\n")
    assert str(caught.value.faults[0]).startswith("row 5, column household: This household stood further up")


def test_missing_columns_are_named_together():
    with pytest.raises(Unusable) as caught:
        read("district,pay\nOld Mill,3\n")
    assert [fault.column for fault in caught.value.faults] == [
        "household", "members.age", "born", "rent", "is_homeless", "zone", "Other.age",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "x.csv", "This is not a CSV file"),
        (b"\xff\xfe\x00", "x.csv", "This is not a CSV file"),
        (b'a,b\n"1', "x.csv", ""),
        (HEADER.encode(), "x.csv", "The file has no rows."),
        (b"PAR1 but no more", "x.parquet", "This is not a Parquet file"),
    ],
)
def test_what_is_no_table_is_refused(content, name, says):
    with pytest.raises(Unusable) as caught:
        read_population(content, name, SCHEMA)
    assert str(caught.value.faults[0]).startswith(says)


def test_lists_in_parquet_are_refused():
    out = io.BytesIO()
    pq.write_table(pa.table({"household": [1], "pay": [[1, 2]]}), out)
    with pytest.raises(Unusable) as caught:
        read_population(out.getvalue(), "x.parquet", SCHEMA)
    assert str(caught.value.faults[0]) == "column pay: It holds lists or groups. Write one person a row."


def test_a_huge_household_is_refused():
    text = HEADER + "1,,3,0,2018-05-05,0,no,A,3\n" * 101
    with pytest.raises(Unusable, match="More than 100 people"):
        read(text)


# ---- kept, and simulated on ------------------------------------------------------------------


def snap_csv(lab) -> bytes:
    return lab.client.get("/workbench/lab/populations/snap.csv").content


@pytest.fixture
def uploaded(lab, settings, tmp_path) -> Population:
    settings.MEDIA_ROOT = tmp_path
    upload = Upload("snap", "Fifty households", "Made for a test", "people.csv", snap_csv(lab))
    return actions.upload_population(upload, by=lab.actor, at=AT)


def test_the_example_can_be_uploaded_and_simulated_on(lab, uploaded):
    assert uploaded.households == 50
    assert [event.type for event in events_of(uploaded.stream)] == [
        "files.stored",
        "insight.population_uploaded",
    ]
    found = lab.done(population=PopulationChoice(uploaded=uploaded.pk), changes={"shelter_cap": 900})
    assert (found.status, found.origin, found.figures["total"]["households"]) == ("done", "uploaded", 50)
    assert found.population_hash == uploaded.sha256
    assert lab.client.get(f"/workbench/lab/simulations/{found.pk}/").status_code == 200


def test_a_population_is_worked_on_and_handed_out_to_nobody(lab, uploaded):
    file = StoredFile.objects.get(pk=uploaded.file_id)
    assert not may_read(lab.actor, file)
    assert may_read(Actor.system("insight"), file)


def test_a_population_that_is_kept_no_longer_says_so(lab, uploaded):
    found = lab.order(population=PopulationChoice(uploaded=uploaded.pk))
    delete_file(uploaded.file_id, reason="tests", by=lab.actor, at=AT)
    lab.work_off()
    found.refresh_from_db()
    assert (found.status, found.error) == ("failed", str(PopulationGone.message))


def test_a_wrong_file_is_refused_and_nothing_is_kept(lab, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    content = snap_csv(lab).replace(b"no", b"perhaps", 1)
    with pytest.raises(BadPopulation) as caught:
        actions.upload_population(Upload("snap", "x", "y", "people.csv", content), by=lab.actor, at=AT)
    assert "'perhaps' is neither yes nor no." in caught.value.data["faults"][0]
    assert not Population.objects.exists()
    with pytest.raises(Forbidden):
        actions.upload_population(Upload("snap", "x", "y", "people.csv", content), by=Actor.guest(), at=AT)


def test_the_example_fills_what_made_people_lack(lab):
    schema = pa.schema([("H", pa.struct([("flag", pa.bool_()), ("word", pa.string()), ("n", pa.int64())]))])
    first = example_csv(schema).decode().splitlines()[1].split(",")
    assert first[3:] == ["no", "", "0"]


def parquet(**changes):
    rows = {
        "household": ["1"] * 2,
        "members.age": [35, 7],
        "pay": [0, 0],
        "born": ["1990-01-31"] * 2,
        "rent": [7, 7],
        "is_homeless": [False] * 2,
        "zone": ["A"] * 2,
        "Other.age": [1, 1],
    }
    content = io.BytesIO()
    pq.write_table(pa.table(rows | changes), content)
    return content.getvalue()


def test_a_text_repeated_without_end_is_refused_before_it_is_unpacked():
    rows = 20_000
    content = io.BytesIO()
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 20_000]))
    pq.write_table(pa.table({"household": texts}), content, store_schema=False)
    assert len(content.getvalue()) < 100_000

    with pytest.raises(Unusable, match=r"row 2, column household: The text is longer"):
        read_population(content.getvalue(), "people.parquet", SCHEMA)


def test_short_texts_that_unpack_beyond_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "MOST_UNPACKED_BYTES", 10_000)
    content = io.BytesIO()
    pq.write_table(pa.table({"household": ["x" * 100] * 1_000}), content)

    with pytest.raises(Unusable, match="too large unpacked"):
        read_population(content.getvalue(), "people.parquet", SCHEMA)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"zone": pa.array([b"A", b"\xff"])}, "row 3, column zone: .*UTF8"),
        ({"household": pa.array([b"\xff", b"1"])}, "row 2, column household: .*UTF8"),
        ({"born": ["1990-01-31", "2026-02-31"]}, "row 3, column born: '2026-02-31' is not a date"),
    ],
)
def test_what_arrow_cannot_convert_is_named_with_row_and_column(changes, fault):
    assert read_population(parquet(), "people.parquet", SCHEMA).people == 2
    with pytest.raises(Unusable, match=fault):
        read_population(parquet(**changes), "people.parquet", SCHEMA)
