"""The DMN Technology Compatibility Kit where it is at hand, and the runner on cases of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from commonweal.engines.dmn import conformance

SUITE = conformance.suite_folder(None)


@pytest.mark.suite
@pytest.mark.skipif(SUITE is None, reason="no DMN suite: set COMMONWEAL_SUITES")
def test_every_official_case_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert SUITE is not None
    code = conformance.main(["--suite", str(SUITE)])

    out = capsys.readouterr().out
    assert code == 0, out[-3000:]
    assert out.splitlines()[-1].startswith("dmn: ")


MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">
  <inputData id="a" name="a"><variable name="a" typeRef="number"/></inputData>
  <decision id="d" name="d"><variable name="d" typeRef="number"/>
    <informationRequirement><requiredInput href="#a"/></informationRequirement>
    <literalExpression><text>a / 3</text></literalExpression></decision>
  <businessKnowledgeModel id="k" name="k"><encapsulatedLogic><formalParameter name="n"/>
    <literalExpression><text>n + 1</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
  <decisionService id="s" name="s"><outputDecision href="#d"/><inputData href="#a"/></decisionService>
</definitions>"""

CASES = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <modelName>m.dmn</modelName>
  <testCase id="1"><inputNode name="a"><value xsi:type="xsd:decimal">1</value></inputNode>
    <resultNode name="d"><expected><value xsi:type="xsd:double">0.333333333</value></expected></resultNode></testCase>
  <testCase id="2"><inputNode name="a"><value>6</value></inputNode>
    <resultNode name="d"><expected><value>2</value></expected></resultNode></testCase>
  <testCase id="3"><inputNode name="a"><value xsi:type="xsd:string">x</value></inputNode>
    <resultNode name="d" errorResult="true"><expected><value xsi:nil="true"/></expected></resultNode></testCase>
  <testCase id="4" type="bkm" invocableName="k"><inputNode name="n"><value xsi:type="xsd:decimal">1</value></inputNode>
    <resultNode name="k"><expected><value xsi:type="xsd:decimal">2</value></expected></resultNode></testCase>
  <testCase id="5" type="decisionService" invocableName="s">
    <inputNode name="a"><value xsi:type="xsd:decimal">3</value></inputNode>
    <resultNode name="d"><expected><value xsi:type="xsd:decimal">1</value></expected></resultNode></testCase>
  <testCase id="6"><inputNode name="a" namespace="urn:m"><value xsi:type="xsd:decimal">9</value></inputNode>
    <resultNode name="d" namespace="urn:m"><expected><value xsi:type="xsd:decimal">3</value></expected></resultNode>
    <resultNode name="s"><expected><value xsi:nil="true"/></expected></resultNode></testCase>
</testCases>"""


def folder(tmp_path: Path, model: str = MODEL) -> Path:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "m.dmn").write_text(model, encoding="utf-8")
    (tmp_path / "one" / "cases.xml").write_text(CASES, encoding="utf-8")
    return tmp_path


def test_a_folder_of_our_own_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert conformance.main(["--suite", str(folder(tmp_path))]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "one: 5/6",
        "  cases/6 s: expected null, got 3  ",
        "dmn: 5/6",
    ]


def test_a_broken_model_fails_all_its_cases_aloud(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert conformance.main(["--suite", str(folder(tmp_path, "<definitions/>"))]) == 1
    assert "not the definitions" in capsys.readouterr().out


def test_one_broken_file_spares_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = folder(tmp_path) / "one"
    (one / "broken.dmn").write_text("<definitions/>", encoding="utf-8")
    (one / "a.xml").write_text(CASES.replace("m.dmn", "broken.dmn"), encoding="utf-8")
    (one / "b.xml").write_text("<somethingElse/>", encoding="utf-8")

    assert conformance.main(["--suite", str(one), "--failures", "0"]) == 1
    assert capsys.readouterr().out.splitlines() == ["one: 5/13", "dmn: 5/13"]


def test_a_result_that_the_model_lacks_fails_unless_an_error_is_expected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = folder(tmp_path) / "one"
    node = '<resultNode name="nobody"{}><expected><value xsi:nil="true"/></expected></resultNode>'
    head, _, _ = CASES.partition("<testCase ")
    tests = f'<testCase id="1">{node.format("")}</testCase><testCase id="2">{node.format(ERROR)}</testCase>'
    (one / "cases.xml").write_text(f"{head}{tests}</testCases>", encoding="utf-8")

    conformance.main(["--suite", str(tmp_path)])
    assert "one: 1/2" in capsys.readouterr().out


ERROR = ' errorResult="true"'


def test_no_suite_is_said_aloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(conformance, "suite_folder", lambda given: None)
    assert conformance.main([]) == 0
    assert "SKIPPED" in capsys.readouterr().out
    monkeypatch.undo()
    assert conformance.main(["--suite", str(tmp_path / "none")]) == 2


def test_the_suite_is_found_by_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dmn-tck").mkdir()
    monkeypatch.setenv("COMMONWEAL_SUITES", str(tmp_path))
    assert conformance.suite_folder(None) == tmp_path / "dmn-tck"
    assert conformance.suite_folder("x") == Path("x")


def test_values_of_every_kind_are_read() -> None:
    raw = conformance.Raw
    kinds = {
        "string": ("x", "x"),
        "boolean": ("true", "true"),
        "date": ("2026-01-02", "2026-01-02"),
        "time": ("10:00:00", "10:00:00"),
        "dateTime": ("2026-01-02T10:00:00", "2026-01-02T10:00:00"),
        "duration": ("P1D", "P1D"),
    }
    for kind, (text, shown) in kinds.items():
        assert conformance.text_of(conformance.feel_value(raw(text, kind))).strip('"') == shown
    assert conformance.feel_value([raw(None), {"a": raw("1", "decimal")}]) == [None, {"a": 1}]
