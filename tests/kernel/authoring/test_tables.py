"""Decision tables are changed cell by cell; whatever was not changed stays byte for byte."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.test import Client
from tests.kernel.authoring.conftest import Office
from tests.kernel.authoring.test_law import HOME, LAW, begun, changed, law
from tests.kernel.authoring.test_workbench import client_of, path, said

from commonweal.kernel.authoring import queries, tables
from commonweal.kernel.authoring.errors import PlaceNotFound, TextRefused
from commonweal.kernel.authoring.models import Draft

FILE = "2026-01-01.dmn"
MODELS = sorted(HOME.glob("*/*.dmn"))
KEY = "decision_low_income"
SMALL = """<?xml version="1.0" encoding="UTF-8"?>
<!-- kept -->
<dmn:definitions xmlns:dmn="https://www.omg.org/spec/DMN/20230324/MODEL/" xmlns:x="urn:x" id="d" name="D" namespace="urn:d">
  <dmn:inputData id="a" name="A"><dmn:variable name="A" typeRef="number"/></dmn:inputData>
  <dmn:decision id="t" name="T">
    <dmn:variable name="T" typeRef="string"/>
    <dmn:informationRequirement id="r"><dmn:requiredInput href="#a"/></dmn:informationRequirement>
    <dmn:decisionTable id="tt" hitPolicy="UNIQUE">
      <dmn:input id="i" label="how &gt; much"><dmn:inputExpression id="ie" typeRef="number"><dmn:text>A</dmn:text></dmn:inputExpression></dmn:input>
      <dmn:output id="o" name="T" typeRef="string"/>
      <dmn:rule id="r1" x:note="a > b"><dmn:inputEntry id="e1"><dmn:text><![CDATA[< 5]]></dmn:text></dmn:inputEntry><dmn:outputEntry id="o1"><dmn:text>"low"</dmn:text></dmn:outputEntry></dmn:rule>
      <dmn:rule id="r2"><dmn:inputEntry id="e2"><dmn:text/></dmn:inputEntry><dmn:outputEntry id="o2"><dmn:text>"höher"</dmn:text></dmn:outputEntry></dmn:rule>
    </dmn:decisionTable>
  </dmn:decision>
</dmn:definitions>
"""

__all__ = ["law"]


def key_of(name: str) -> str:
    text = (HOME / LAW / FILE).read_text()
    return next(table.key for table in tables.tables_of(text, FILE) if table.name == name)


@pytest.fixture
def client(law: Office) -> Client:
    return client_of(law, "author")


def address(draft: Draft, route: str = "table", name: str = "Low income") -> str:
    return path(route, draft, file=FILE, key=key_of(name))


def sent(draft: Draft, **cells: str) -> dict[str, str]:
    seen = queries.fingerprint(Draft.objects.get(pk=draft.pk).files[FILE])
    return {"seen": seen, **{name.replace("_", "/"): text for name, text in cells.items()}}


def text_of(draft: Draft) -> str:
    return str(Draft.objects.get(pk=draft.pk).files[FILE])


# ---- pages ----------------------------------------------------------------------------------


def test_a_cell_is_changed_and_nothing_else(law: Office, client: Client) -> None:
    draft = begun(law)
    assert "Rules from January 1, 2026" in said(client.get(path("draft", draft)))
    assert "Unique: one rule fits at most" in said(client.get(path("tables", draft, file=FILE)))
    shown = said(client.get(address(draft)))
    assert "What is true for the household" in shown
    assert "&#34;basic_food&#34;, &#34;ssi&#34;" in shown
    saved = said(client.post(address(draft), sent(draft, c_0_2="Basic Food & SSI count.")))
    assert "Saved." in saved
    assert changed(draft.files[FILE], text_of(draft)) == [
        "-        <annotationEntry><text>The household receives Basic Food or SSI.</text></annotationEntry>",
        "+        <annotationEntry><text>Basic Food &amp; SSI count.</text></annotationEntry>",
    ]


def test_what_a_change_breaks_elsewhere_is_named_on_the_page_of_the_table(
    law: Office, client: Client
) -> None:
    draft = begun(law)
    shown = said(client.post(address(draft), sent(draft, c_0_1="false", c_1_1="false", c_2_1="false")))
    assert "Mistakes elsewhere in this draft:" in shown
    assert "Mistakes in this table" not in shown
    assert "Worked cases, line " in shown


def test_wrong_feel_is_kept_and_told_at_its_cell(law: Office, client: Client) -> None:
    draft = begun(law)
    shown = said(client.post(address(draft), sent(draft, c_0_0='"basic_food" &', c_2_0="3")))
    assert "Mistakes in this table: 2" in shown
    assert "A string is tested against a number." in shown
    assert "Saved, with mistakes" in shown
    assert "Saved." not in shown
    assert '<a class="ds-link" href="#c-2-0">Rule 3, What is true for the household</a>' in shown
    told = client.post(address(draft, "table-messages"), sent(draft, c_1_1="Owner.nothing < 3")).json()
    assert told["fields"]["c/1/1"] == "There is no `nothing` in it."
    assert told["fields"]["c/2/0"] == "A string is tested against a number."


def test_rules_are_added_moved_and_taken_away(law: Office, client: Client) -> None:
    draft = begun(law)
    added = said(client.post(address(draft), {**sent(draft, c_2_0='"no"'), "act": "add 2"}))
    assert 'name="c/3/0"' in added
    assert text_of(draft).count("<inputEntry><text>-</text></inputEntry>") == (
        draft.files[FILE].count("<inputEntry><text>-</text></inputEntry>") + 1
    )
    client.post(address(draft), {**sent(draft), "act": "remove 3"})
    client.post(address(draft), {**sent(draft, c_2_0='"none"'), "act": "up 1"})
    client.post(address(draft), {**sent(draft), "act": "down 0"})
    assert text_of(draft) == draft.files[FILE]
    gap = said(client.post(address(draft), {**sent(draft), "act": "remove 2"}))
    assert "No rule hits when Owner.low_income_reason is" in gap


@pytest.mark.parametrize("act", ["burn 1", "add x", "add", "up 99999"])
def test_an_act_that_is_none_is_refused(law: Office, client: Client, act: str) -> None:
    draft = begun(law)
    assert client.post(address(draft), {**sent(draft), "act": act}).status_code == 400


def test_what_cannot_be_moved_is_said(law: Office, client: Client) -> None:
    draft = begun(law)
    for act in ("up 0", "down 2", "remove 9"):
        assert said(client.post(address(draft), {**sent(draft), "act": act}), 404)


def test_two_officers_on_one_table_overwrite_nothing(law: Office, client: Client) -> None:
    draft = begun(law)
    old = sent(draft, c_0_2="Mine.")
    client.post(address(draft), sent(draft, c_0_2="Theirs."))
    moved = said(client.post(address(draft), old), 409)
    assert "Nothing was overwritten." in moved
    assert "Mine." in moved
    assert "Theirs." in text_of(draft)


def test_what_is_no_model_or_no_table_is_not_found(law: Office, client: Client) -> None:
    draft = begun(law)
    assert client.get(path("tables", draft, file="cases.yaml")).status_code == 404
    assert client.get(path("table", draft, file=FILE, key="nothing")).status_code == 404


# ---- the text itself ------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.parent.name)
def test_every_table_of_port_alder_comes_back_byte_for_byte(model: Path) -> None:
    text = model.read_text()
    for found in tables.tables_of(text, model.name):
        table = tables.table_of(text, model.name, found.key)
        same = {
            (at, column): cell.text
            for at, rule in enumerate(table.rules)
            for column, cell in enumerate(rule.cells)
        }
        assert tables.with_cells(text, table, same) == text
        last = len(table.rules) - 1
        longer = tables.add_rule(text, table, last)
        new = tables.table_of(longer, model.name, found.key)
        assert [cell.text for cell in new.rules[-1].cells] == [
            {"inputEntry": "-"}.get(cell.kind, "") for cell in table.rules[-1].cells
        ]
        assert tables.remove_rule(longer, new, last + 1) == text


def test_prefixes_ids_and_sections_of_plain_text_are_understood() -> None:
    (table,) = tables.tables_of(SMALL, "small.dmn")
    assert (table.key, table.name, table.columns[0].label) == ("t", "T", "how > much")
    assert [[cell.text for cell in rule.cells] for rule in table.rules] == [
        ["< 5", '"low"'],
        ["", '"höher"'],
    ]
    new = tables.with_cells(SMALL, table, {(0, 0): "< 6", (1, 0): ">= 6", (1, 1): '"höher"'})
    lines = SMALL.splitlines()
    assert [line[1:] for line in changed(SMALL, new) if line[0] == "+"] == [
        lines[10].replace("<![CDATA[< 5]]>", "&lt; 6"),
        lines[11].replace("<dmn:text/>", "<dmn:text>&gt;= 6</dmn:text>"),
    ]
    added = tables.add_rule(SMALL, table, 1)
    ids = re.findall(r' id="([^"]*)"', added)
    assert len(set(ids)) == len(ids)
    swapped = tables.move_rule(SMALL, table, 0, by=1)
    assert tables.move_rule(swapped, tables.table_of(swapped, "small.dmn", "t"), 0, by=1) == SMALL


def test_a_model_that_declares_entities_or_is_none_is_refused() -> None:
    bomb = '<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>'
    for text in (bomb, "<d>", "no"):
        with pytest.raises(TextRefused):
            tables.tables_of(text, "x.dmn")


def test_a_table_whose_rules_do_not_fit_its_columns_is_left_to_the_editor() -> None:
    torn = SMALL.replace('<dmn:outputEntry id="o1"><dmn:text>"low"</dmn:text></dmn:outputEntry>', "")
    with pytest.raises(PlaceNotFound):
        tables.table_of(torn, "small.dmn", "t")


def test_a_model_that_cannot_be_read_is_said_of_the_whole() -> None:
    broken = SMALL.replace('hitPolicy="UNIQUE"', 'hitPolicy="NOTHING"')
    found = tables.said_of(broken, "small.dmn", "t")
    assert found.cells == {}
    assert all(is_error for _words, is_error in found.whole)
    assert found.whole


# ---- the table modeller ---------------------------------------------------------------------


def rows_of(text: str, name: str) -> list[list[str]]:
    table = tables.table_of(text, FILE, key_of(name))
    return [[" ".join(cell.text.split()) for cell in rule.cells] for rule in table.rules]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.parent.name)
def test_rules_that_were_only_looked_at_come_back_byte_for_byte(model: Path) -> None:
    text = model.read_text()
    for found in tables.tables_of(text, model.name):
        width = tables.shown_columns(found)
        rows = [
            ["" if cell.text == "-" else cell.text for cell in rule.cells[:width]] for rule in found.rules
        ]
        assert tables.with_rows(text, found, rows) == text


def test_rules_of_the_modeller_are_taken_over_and_others_stay(law: Office, client: Client) -> None:
    draft = begun(law)
    assert said(client.get(path("table-model", draft, file=FILE))) == draft.files[FILE]
    rows = rows_of(draft.files[FILE], "Low income")
    new = [
        rows[0],
        ['"tanf"', "true", "The household receives TANF & more."],
        ['"low_income"', "false", ""],
        rows[2],
    ]
    data = {**sent(draft), "rows": json.dumps(new)}
    assert "Saved" in said(client.post(address(draft, "table-drawn"), data))
    assert rows_of(text_of(draft), "Low income") == new
    back = {**sent(draft), "rows": json.dumps(rows)}
    client.post(address(draft, "table-drawn"), back)
    assert text_of(draft) == draft.files[FILE]


def test_other_columns_and_what_is_no_table_are_refused(law: Office, client: Client) -> None:
    draft = begun(law)
    for rows, status in (
        ("[]", 404),
        ('[["a"]]', 404),
        ("{", 400),
        ('[["a", 1]]', 400),
        ("{}", 400),
        ("[" * 200_000, 400),
    ):
        answer = client.post(address(draft, "table-drawn"), {**sent(draft), "rows": rows})
        assert answer.status_code == status, rows
    assert text_of(draft) == draft.files[FILE]


# ---- what cannot be done --------------------------------------------------------------------

LONE = """\
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="D" namespace="urn:d">
  <decision id="one" name="One"><variable name="One"/>
    <decisionTable>
      <input id="i"><inputExpression><text>1</text></inputExpression></input>
      <output id="o"/><annotation name="Why"/><annotation name="Where"/>
      <rule id="r"><inputEntry><text>1</text></inputEntry><outputEntry><text>2</text></outputEntry><annotationEntry><text>a</text></annotationEntry><annotationEntry><text>b</text></annotationEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""


def test_the_last_rule_stays_and_there_is_an_end_to_rules() -> None:
    table = tables.table_of(LONE, FILE, "one")
    with pytest.raises(PlaceNotFound):
        tables.remove_rule(LONE, table, 0)
    table.rules = table.rules * 500
    with pytest.raises(PlaceNotFound):
        tables.add_rule(LONE, table, 0)


def test_a_rule_from_the_modeller_has_no_second_note_and_ids_of_its_own() -> None:
    table = tables.table_of(LONE, FILE, "one")
    text = tables.with_rows(LONE, table, [["1", "2", "a"], ["2", "3", "c"]])
    rules = tables.table_of(text, FILE, "one").rules
    assert [[cell.text for cell in rule.cells] for rule in rules] == [
        ["1", "2", "a", "b"],
        ["2", "3", "c", ""],
    ]
    assert text.count('id="r"') == 1


def test_what_is_wrong_with_a_condition_stands_at_its_cell() -> None:
    said = tables.said_of(LONE.replace("<inputEntry><text>1<", "<inputEntry><text>&lt; &lt;<"), FILE, "one")
    assert list(said.cells) == [(0, 0)]
    looked = tables.said_of(
        LONE.replace("<inputExpression><text>1<", "<inputExpression><text>1 +<"), FILE, "one"
    )
    assert looked.cells == {}
    assert {is_error for _words, is_error in looked.whole} == {True}
