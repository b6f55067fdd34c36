"""Columns, hit policies and new tables are written in the browser, and the rest of the file stays byte for byte."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from tests.kernel.authoring.conftest import Office
from tests.kernel.authoring.test_law import HOME, begun, changed, client, law
from tests.kernel.authoring.test_tables import FILE, text_of
from tests.kernel.authoring.test_workbench import path, said

from commonweal.engines import dmn
from commonweal.kernel.authoring import columns, queries, tables
from commonweal.kernel.authoring.columns import NewColumn, NewTable
from commonweal.kernel.authoring.errors import PlaceNotFound, TextRefused
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.base.errors import Invalid

__all__ = ["client", "law"]

MODELS = sorted(HOME.glob("*/*.dmn"))
NEW = {
    "input": NewColumn("input", "Sum & more", "1 + 2", "number"),
    "output": NewColumn("output", "Another", "another", "number"),
    "annotation": NewColumn("annotation", "Where"),
}


def tables_in(text: str) -> list[tables.Table]:
    return [one for one in tables.tables_of(text, FILE) if one.key]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.parent.name}-{model.stem}")
def test_a_column_comes_and_goes_and_nothing_else_changes(model) -> None:
    text = model.read_text()
    for table in tables_in(text)[:6]:
        for kind, new in NEW.items():
            if kind == "output" and not all(
                one.expression for one in table.columns if one.kind == "outputEntry"
            ):
                with pytest.raises(Invalid):
                    columns.add_column(text, FILE, table, new)
                continue
            wider = columns.add_column(text, FILE, table, new)
            found = tables.table_of(wider, FILE, table.key)
            at = next(n for n, one in enumerate(found.columns) if one.label == new.label)
            assert len(found.columns) == len(table.columns) + 1
            assert found.columns[at].kind == columns.KINDS[kind]
            assert {rule.cells[at].text for rule in found.rules} <= {"-" if kind == "input" else ""}
            back = [one for one in found.columns if one.kind == found.columns[at].kind]
            if len(back) > 1 or kind == "annotation":
                assert columns.remove_column(wider, found, at) == text


@pytest.mark.parametrize("model", MODELS[:4], ids=lambda model: model.parent.name)
def test_columns_change_places_and_back(model) -> None:
    text = model.read_text()
    for table in tables_in(text):
        if [one.kind for one in table.columns].count("inputEntry") < 2:
            continue
        moved = columns.move_column(text, table, 0, by=1)
        found = tables.table_of(moved, FILE, table.key)
        assert [one.label for one in found.columns[:2]] == [one.label for one in table.columns[1::-1]]
        assert [rule.cells[1].text for rule in found.rules] == [rule.cells[0].text for rule in table.rules]
        assert columns.move_column(moved, found, 1, by=-1) == text


def as_it_is(one: tables.Column) -> NewColumn:
    return NewColumn("", one.label, one.expression, one.type, one.values)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.parent.name}-{model.stem}")
def test_a_column_is_changed_in_its_place_and_back(model) -> None:
    text = model.read_text()
    for table in tables_in(text)[:6]:
        for at, own in enumerate(table.columns):
            same = as_it_is(own)
            assert columns.change_column(text, FILE, table, at, same) == text
            new = replace(same, label="Another & more")
            if own.kind != "annotationEntry":
                new = replace(new, type="date", values='"S", "L"')
            if own.kind == "inputEntry":
                new = replace(new, expression="1 < 2")
            other = columns.change_column(text, FILE, table, at, new)
            found = tables.table_of(other, FILE, table.key)
            assert as_it_is(found.columns[at]) == replace(new, kind="")
            assert [as_it_is(one) for n, one in enumerate(found.columns) if n != at] == [
                as_it_is(one) for n, one in enumerate(table.columns) if n != at
            ]
            assert [[cell.text for cell in rule.cells] for rule in found.rules] == [
                [cell.text for cell in rule.cells] for rule in table.rules
            ]
            back = columns.change_column(other, FILE, found, at, same)
            assert len(changed(text, back)) <= 4  # a heading that was not written is written now
            again = tables.table_of(back, FILE, table.key)
            assert as_it_is(again.columns[at]) == same


SMALL = """\
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="D" namespace="urn:d">
  <decision id="one" name="One"><variable name="One"/>
    <decisionTable>
      <input id="i"><inputExpression><text>1</text></inputExpression><inputValues><text>1, 2</text></inputValues></input>
      <output id="o"><outputValues><text/></outputValues></output>
      <output id="p" name="p"></output>
      <annotation name="Why"/>
      <rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry><outputEntry><text>2</text></outputEntry><annotationEntry><text/></annotationEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""


def test_allowed_values_come_change_and_go() -> None:
    def put(at: int, **new: str) -> list[str]:
        (table,) = tables_in(SMALL)
        return changed(
            SMALL, columns.change_column(SMALL, FILE, table, at, replace(as_it_is(table.columns[at]), **new))
        )

    assert [line.strip("+- ") for line in put(0, values="")] == [
        '<input id="i"><inputExpression><text>1</text></inputExpression><inputValues><text>1, 2</text></inputValues></input>',
        '<input id="i"><inputExpression><text>1</text></inputExpression></input>',
    ]
    assert "<text>1 &lt; 2</text></inputValues>" in put(0, values="1 < 2")[1]
    assert "<text>3</text></inputExpression>" in put(0, expression="3")[1]
    with pytest.raises(Invalid):
        put(1)  # of two outcomes each needs a name
    assert '<output id="o" name="o">' in put(1, expression="o")[1]
    assert "><text>1, 2</text></outputValues></output>" in put(1, expression="o", values="1, 2")[1]
    with pytest.raises(Invalid):
        put(2, values="1")  # the other one has none
    assert '<annotation name="Where"/>' in put(3, label="Where")[1]


def test_what_is_wrong_about_a_changed_column_stands_at_its_field() -> None:
    (table,) = tables_in(SMALL)
    for at, new, field in (
        (0, {"expression": ""}, "expression"),
        (0, {"label": ""}, "label"),
        (0, {"type": "moon"}, "type"),
        (0, {"values": "x" * 2_001}, "values"),
        (0, {"values": "\x01"}, "values"),
        (1, {"expression": "p"}, "expression"),
    ):
        with pytest.raises(Invalid) as found:
            columns.change_column(SMALL, FILE, table, at, replace(as_it_is(table.columns[at]), **new))
        assert field in found.value.fields
    alone = columns.remove_column(SMALL, table, 2)
    (single,) = tables_in(alone)
    assert "outputValues" in columns.change_column(alone, FILE, single, 1, NewColumn("", "One", "", "", "1"))
    with pytest.raises(Invalid):
        columns.change_column(alone, FILE, single, 1, NewColumn("", "One", "", "moon"))
    with pytest.raises(PlaceNotFound):
        columns.change_column(SMALL, FILE, table, 4, as_it_is(table.columns[0]))


def test_a_column_is_changed_on_its_page(law: Office, client: Client) -> None:
    draft = begun(law)
    key = next(one.key for one in tables.tables_of(draft.files[FILE], FILE) if one.label == "Low income")
    shape = said(client.get(path("table-shape", draft, file=FILE, key=key)))
    address = reverse("authoring:table-column", args=[draft.pk, FILE, key, 0])
    assert address in shape
    own = tables.table_of(draft.files[FILE], FILE, key).columns[0]
    assert f'value="{own.label}"' in said(client.get(address))
    sent = {
        "label": "Which programme",
        "expression": own.expression,
        "type": own.type,
        "values": '"a",\r\n"b"',
        "seen": queries.fingerprint(draft.files[FILE]),
    }
    assert "Say what stands in the column." in said(client.post(address, {**sent, "label": ""}), 422)
    saved = said(client.post(address, sent))
    assert "Which programme" in saved
    assert "allowed:" in saved
    found = tables.table_of(text_of(draft), FILE, key).columns[0]
    assert (found.label, found.values) == ("Which programme", '"a", "b"')
    assert "Nothing was overwritten." in said(client.post(address, sent), 409)
    assert client.get(reverse("authoring:table-column", args=[draft.pk, FILE, key, 99])).status_code == 404


def test_a_column_moves_among_its_kind_only() -> None:
    text = (HOME / "dog-licence" / FILE).read_text()
    table = tables_in(text)[0]
    last_input = max(at for at, one in enumerate(table.columns) if one.kind == "inputEntry")
    for at, by in ((last_input, 1), (0, -1), (99, -1)):
        with pytest.raises(PlaceNotFound):
            columns.move_column(text, table, at, by=by)
    with pytest.raises(PlaceNotFound):
        columns.remove_column(text, table, 99)


def test_the_hit_policy_is_one_attribute() -> None:
    text = (HOME / "dog-licence" / FILE).read_text()
    table = tables_in(text)[0]
    first = columns.with_policy(text, table, "COLLECT", "SUM")
    found = tables.table_of(first, FILE, table.key)
    assert (found.hit_policy, found.aggregation) == ("COLLECT", "SUM")
    assert len(changed(text, first)) == 2
    assert columns.with_policy(first, found, table.hit_policy, table.aggregation) == text
    for policy, aggregation in (("LAST", ""), ("UNIQUE", "SUM"), ("COLLECT", "MEAN")):
        with pytest.raises(Invalid):
            columns.with_policy(text, table, policy, aggregation)


@pytest.mark.parametrize(
    ("new", "fields"),
    [
        (NewColumn("row", "x"), {"kind"}),
        (NewColumn("input", "", ""), {"label", "expression"}),
        (NewColumn("output", "x", "1x", "Nothing"), {"expression", "type", "kind"}),
        (NewColumn("annotation", "y" * 301), {"label"}),
    ],
)
def test_a_column_that_makes_no_sense_is_refused_by_field(new: NewColumn, fields: set[str]) -> None:
    text = (HOME / "dog-licence" / FILE).read_text()
    table = next(one for one in tables_in(text) if one.label == "Low income")
    with pytest.raises(Invalid) as caught:
        columns.add_column(text, FILE, table, new)
    assert set(caught.value.fields) == fields


def test_a_new_table_is_a_decision_that_the_engine_reads() -> None:
    text = (HOME / "dog-licence" / FILE).read_text()
    needs = tuple(one.id for one in columns.sources_in(text, FILE)[:2])
    written, key = columns.add_table(
        text, FILE, NewTable("Late charge 2", 'Charge "late" & more', "number", "1 < 2", needs)
    )
    assert all(line.startswith("+") for line in changed(text, written))
    table = tables.table_of(written, FILE, key)
    assert (table.name, table.label, len(table.rules)) == ("Late charge 2", 'Charge "late" & more', 1)
    filled = tables.with_cells(written, table, {(0, 1): "5"})
    assert [one for one in dmn.check(dmn.read(filled.encode())) if one.is_error] == []

    with pytest.raises(Invalid) as caught:
        columns.add_table(written, FILE, NewTable("Late charge 2", "", "Nothing", "", ("none",)))
    assert set(caught.value.fields) == {"name", "label", "type", "looks_at", "needs"}


def test_what_is_no_model_is_refused() -> None:
    for text in ("<definitions>", '<!DOCTYPE x [<!ENTITY a "b">]><x/>'):
        with pytest.raises(TextRefused):
            columns.elements_of(text, FILE)


def test_columns_are_changed_on_a_page_of_their_own(law: Office, client: Client) -> None:
    draft = begun(law)
    listing = said(client.get(path("tables", draft, file=FILE)))
    assert "Add a decision table" in listing
    key = next(
        one.key for one in tables_in(draft.files[FILE]) if one.label == "Outcome" or one.name == "Outcome"
    )
    shape = path("table-shape", draft, file=FILE, key=key)
    shown = said(client.get(shape))
    assert "Earlier" in shown
    seen = queries.fingerprint(draft.files[FILE])
    sent = {
        "act": "add",
        "kind": "input",
        "label": "Paid",
        "expression": "1 = 1",
        "type": "boolean",
        "seen": seen,
    }
    assert "Say what stands in the column." in said(client.post(shape, {**sent, "label": ""}), 422)
    assert "Saved." in said(client.post(shape, sent))
    wider = tables.table_of(text_of(draft), FILE, key)
    at = [one.label for one in wider.columns].index("Paid")
    assert "Nothing was overwritten." in said(client.post(shape, {**sent, "label": "Late"}), 409)

    def again(act: str) -> dict[str, str]:
        return {"act": act, "seen": queries.fingerprint(text_of(draft))}

    client.post(shape, again(f"earlier {at}"))
    assert tables.table_of(text_of(draft), FILE, key).columns[at - 1].label == "Paid"
    client.post(shape, {**again(f"remove {at - 1}"), "is_sure": "yes"})
    assert (
        tables.table_of(text_of(draft), FILE, key).columns
        == tables.table_of(draft.files[FILE], FILE, key).columns
    )
    client.post(shape, {**again("policy"), "policy": "ANY", "aggregation": ""})
    assert tables.table_of(text_of(draft), FILE, key).hit_policy == "ANY"
    assert client.post(shape, again("turn 1")).status_code == 400


def test_a_column_that_looks_at_nothing_known_is_saved_with_its_mistake(law: Office, client: Client) -> None:
    draft = begun(law)
    key = next(one.key for one in tables_in(draft.files[FILE]) if one.name == "Low income")
    places = {"file": FILE, "key": key}
    sent = {
        "act": "add",
        "kind": "input",
        "label": "Known",
        "expression": "Nobody.knows",
        "seen": queries.fingerprint(draft.files[FILE]),
    }

    shown = said(client.post(path("table-shape", draft, **places), sent))

    assert "Saved, with mistakes" in shown
    assert "Saved.</" not in shown
    assert "nothing is called `Nobody` here" in shown
    assert "Mistakes in this table: 1" in said(client.get(path("table", draft, **places)))


def test_before_a_column_goes_somebody_says_that_it_is_meant(law: Office, client: Client) -> None:
    draft = begun(law)
    table = next(
        one for one in tables_in(draft.files[FILE]) if [c.kind for c in one.columns].count("inputEntry") > 1
    )
    shape = path("table-shape", draft, file=FILE, key=table.key)
    sent = {"act": "remove 0", "seen": queries.fingerprint(draft.files[FILE])}
    losing = sum(rule.cells[0].text != "-" for rule in table.rules)
    assert 0 < losing == columns.losing(table, 0)

    asked = said(client.post(shape, sent))

    assert f"Rules that lose a condition: {losing}." in asked
    assert table.columns[0].label in asked
    assert 'name="is_sure"' in asked
    assert text_of(draft) == draft.files[FILE]
    assert client.post(shape, {**sent, "act": "remove 99"}).status_code == 404
    assert client.post(shape, {**sent, "seen": "another"}).status_code == 409
    assert text_of(draft) == draft.files[FILE]

    assert "Saved" in said(client.post(shape, {**sent, "is_sure": "yes"}))
    left = tables.table_of(text_of(draft), FILE, table.key)
    assert [one.label for one in left.columns] == [one.label for one in table.columns[1:]]
    with pytest.raises(PlaceNotFound):
        columns.losing(table, 99)


@pytest.mark.parametrize("stray", ["\ufffe", "\uffff", "\x0b", "\x01"])
def test_what_xml_forbids_is_refused_at_its_field_and_nothing_is_saved(
    law: Office, client: Client, stray: str
) -> None:
    draft = begun(law)
    key = next(one.key for one in tables_in(draft.files[FILE]) if one.name == "Outcome")
    seen = queries.fingerprint(draft.files[FILE])
    words = "Leave out the characters that cannot stand in a model, such as control characters."
    places = {"file": FILE, "key": key}
    column = {"act": "add", "kind": "input", "label": "Paid", "expression": "1 = 1", "seen": seen}
    for field in ("label", "expression"):
        sent = {**column, field: f"a{stray}b"}
        assert words in said(client.post(path("table-shape", draft, **places), sent), 422)
    source = columns.sources_in(draft.files[FILE], FILE)[0].id
    table = {"name": "Bonus", "label": "Bonus", "looks_at": "1", "needs": source, "seen": seen}
    for field in ("label", "looks_at"):
        sent = {**table, field: f"a{stray}b"}
        assert words in said(client.post(path("add-table", draft, file=FILE), sent), 422)
    said(
        client.post(path("table", draft, **places), {"act": "save", "c/0/0": f"1{stray}2", "seen": seen}), 422
    )

    assert text_of(draft) == draft.files[FILE]
    for name in ("table", "table-shape"):
        assert client.get(path(name, draft, **places)).status_code == 200


def test_letters_of_any_script_can_stand_in_a_column() -> None:
    text = (HOME / "dog-licence" / FILE).read_text()
    label = "Añadido \N{CLINKING BEER MUGS} \N{ARABIC LETTER SEEN} \N{REPLACEMENT CHARACTER}"
    written = columns.add_column(text, FILE, tables_in(text)[0], NewColumn("annotation", label))

    assert label in [one.label for one in tables_in(written)[0].columns]


def test_a_table_is_added_on_the_page_of_tables(law: Office, client: Client) -> None:
    draft = begun(law)
    add = path("add-table", draft, file=FILE)
    sent = {
        "name": "Bonus",
        "label": "Bonus",
        "looks_at": "1",
        "seen": queries.fingerprint(draft.files[FILE]),
    }
    assert "Choose what the decision rests on." in said(client.post(add, sent), 422)
    source = columns.sources_in(draft.files[FILE], FILE)[0].id
    answer = client.post(add, {**sent, "needs": source})
    key = next(one.key for one in tables_in(text_of(draft)) if one.name == "Bonus")
    assert answer["Location"] == reverse("authoring:table", args=[draft.pk, FILE, key])
    assert "Bonus" in said(client.get(answer["Location"]))
    assert Draft.objects.get().editors == [law.author.id]


def test_a_column_goes_where_there_is_none_of_its_kind_yet() -> None:
    (table,) = tables_in(SMALL.replace('id="o"', 'id="o" name="o"'))
    text = SMALL.replace('id="o"', 'id="o" name="o"')
    wider = columns.add_column(text, FILE, table, NEW["output"])
    (found,) = tables_in(wider)
    assert [one.expression for one in found.columns] == ["1", "o", "p", "another", ""]
    with pytest.raises(PlaceNotFound):
        columns.add_column(text, FILE, replace(table, columns=table.columns * 10), NEW["input"])
    inputs = re.compile(r"<input .*</input>\n|<inputEntry>.*?</inputEntry>")
    bare = inputs.sub("", text)
    (first,) = tables_in(columns.add_column(bare, FILE, tables_in(bare)[0], NEW["input"]))
    assert [one.kind for one in first.columns[:2]] == ["inputEntry", "outputEntry"]
    (lone,) = tables_in(columns.remove_column(text, table, 1))
    narrow = columns.remove_column(text, table, 1)
    own = as_it_is(lone.columns[1])
    assert '<output id="p" name="p"><outputValues' in columns.change_column(
        narrow, FILE, lone, 1, replace(own, values="1")
    )
    typed = columns.change_column(text, FILE, table, 0, replace(as_it_is(table.columns[0]), type="number"))
    assert '<inputExpression typeRef="number"><text>1</text>' in typed
    worded = columns.change_column(text, FILE, table, 0, replace(as_it_is(table.columns[0]), expression="7"))
    assert "<inputExpression><text>7</text>" in worded


def test_a_model_that_does_not_declare_its_law_is_left_as_it_is() -> None:
    assert columns.with_law_member(SMALL, FILE, "fee", "number") == SMALL
    with pytest.raises(Invalid):
        columns.add_table(SMALL.replace("decision", "x"), FILE, NewTable("A", "B", "", "1"))
