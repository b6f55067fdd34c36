from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.dmn.strategies import models

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.errors import CycleError, DmnError, LimitError, ModelError, XmlError
from commonweal.engines.dmn.read_xml import folder_imports, read
from commonweal.engines.dmn.safe_xml import MAX_DEPTH, parse
from commonweal.engines.dmn.write_xml import write

VERSIONS = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]


def definitions(body: str, *, namespace: str = "urn:a", version: str = VERSIONS[-1]) -> bytes:
    return f'<definitions xmlns="{version}" name="a" namespace="{namespace}">{body}</definitions>'.encode()


def importing(namespace: str, **attributes: str) -> str:
    return f'<import name="x" namespace="{namespace}" importType="{VERSIONS[-1]}"/>'


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(models())
def test_write_then_read_gives_an_equal_model(model: m.Model) -> None:
    assert read(write(model)) == model


@pytest.mark.parametrize("version", VERSIONS)
def test_read_takes_every_version_and_write_gives_the_newest(version: str) -> None:
    model = read(definitions('<decision name=" two  words "/>', version=version))

    assert model.decisions == (m.Decision(name="two words"),)
    assert VERSIONS[-1].encode() in write(model)


def test_read_keeps_extensions_artifacts_and_diagrams() -> None:
    body = (
        '<extensionElements><v:a xmlns:v="urn:v">t<v:b/>u</v:a></extensionElements>'
        '<textAnnotation id="t"><text>note</text></textAnnotation>'
        '<dmndi:DMNDI xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/">  <dmndi:DMNDiagram/> </dmndi:DMNDI>'
    )
    model = read(definitions(body, version=VERSIONS[2]))
    again = read(write(model))

    assert "urn:v" in (again.extension or "")
    assert "20230324/DMNDI/" in (again.diagrams or "")
    assert "note" in again.artifacts[0]
    assert read(write(again)) == again


def test_read_names_the_line_of_an_error() -> None:
    with pytest.raises(ModelError, match=r"line 3: <decision> lacks its attribute 'name'") as caught:
        read(definitions("\n\n<decision/>"))

    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('<decision name="d"><decisionTable/></decision>', "without an output"),
        (
            '<decision name="d"><decisionTable><output/><rule><inputEntry/><outputEntry/></rule></decisionTable></decision>',
            "rule 1 has 1 tests and 1 outputs; the table has 0 inputs and 1 outputs",
        ),
        ('<decision name="d"><decisionTable hitPolicy="BEST"><output/></decisionTable></decision>', "BEST"),
        (
            '<decision name="d"><decisionTable><input/><output/></decisionTable></decision>',
            "without an expression",
        ),
        ('<decision name="d"><conditional><if/><then/></conditional></decision>', "lacks its <else>"),
        ('<decision name="d"><invocation><binding/></invocation></decision>', "without a parameter"),
        ('<decision name="d"><informationRequirement/></decision>', "names nothing that is required"),
        ('<inputData name="a" id="x"/><inputData name="b" id="x"/>', "used twice"),
    ],
)
def test_read_refuses_a_wrong_model(body: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        read(definitions(body))


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"no xml",
        b"<a>",
        b"<?xml version='1.0' encoding='martian'?><a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>',
        b"\xff\xfe\x00",
    ],
)
def test_parse_refuses_what_is_not_plain_xml(source: bytes) -> None:
    with pytest.raises(XmlError):
        parse(source)


def test_read_refuses_another_root() -> None:
    with pytest.raises(ModelError, match="not the definitions"):
        read(b"<definitions/>")


def test_parse_bounds_size_and_depth() -> None:
    with pytest.raises(LimitError, match="bytes"):
        parse(b"<a></a>", max_bytes=3)
    with pytest.raises(LimitError, match="deep"):
        parse(b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1))


def test_read_follows_imports_by_namespace(tmp_path: Path) -> None:
    (tmp_path / "a.dmn").write_bytes(definitions(importing("urn:b")))
    (tmp_path / "b.dmn").write_bytes(definitions("", namespace="urn:b"))

    model = read(tmp_path / "a.dmn", imports=folder_imports(tmp_path))

    assert model.imported["urn:b"] == read(tmp_path / "b.dmn")
    assert read(tmp_path / "a.dmn").imported == {}


def test_read_refuses_imports_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.dmn").write_bytes(definitions(importing("urn:b")))
    (tmp_path / "b.dmn").write_bytes(definitions(importing("urn:a"), namespace="urn:b"))

    with pytest.raises(CycleError, match="urn:a → urn:b → urn:a"):
        read(tmp_path / "a.dmn", imports=folder_imports(tmp_path))


def test_read_says_which_import_is_missing_or_another() -> None:
    with pytest.raises(ModelError, match="'urn:b' is not at hand"):
        read(definitions(importing("urn:b")), imports=lambda item: None)
    with pytest.raises(ModelError, match="the model found is 'urn:c'"):
        read(definitions(importing("urn:b")), imports=lambda item: definitions("", namespace="urn:c"))


def test_read_of_a_missing_file_is_an_error_of_the_engine(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read"):
        read(tmp_path / "none.dmn")


def test_write_refuses_characters_that_xml_cannot_carry() -> None:
    with pytest.raises(ModelError, match=r"U\+0001"):
        write(m.Model(name="a\x01", namespace="urn:a"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet="<>/ab=\"' &;!-[]", max_size=40).map(str.encode))
def test_read_of_any_bytes_raises_nothing_but_its_own(source: bytes) -> None:
    with contextlib.suppress(DmnError):
        read(source)
