"""SpiffWorkflow on the shared decision: its DMN table, with Python for the expressions."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.dmn.parser.BpmnDmnParser import BpmnDmnParser

decision = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
rounds = int(sys.argv[2])


def cell(text: str) -> str:
    """A cell in the peer's own words."""
    if text == "-":
        return ""
    if text[0] == "[":
        low, high = text[1:-1].split("..")
        return f"{low} &lt;= ? &lt; {high}"
    return f"? {text}".replace("<", "&lt;").replace(">", "&gt;")


rules = "".join(
    f'<rule id="r{i}"><inputEntry id="a{i}"><text>{cell(a)}</text></inputEntry>'
    f'<inputEntry id="b{i}"><text>{cell(b)}</text></inputEntry>'
    f'<outputEntry id="o{i}"><text>{o}</text></outputEntry></rule>'
    for i, (a, b, o) in enumerate(decision["rows"])
)
xml = f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">
<decision id="table" name="table"><decisionTable id="t">
<input id="i1" label="age"><inputExpression id="x1" typeRef="number"><text>age</text></inputExpression></input>
<input id="i2" label="p"><inputExpression id="x2" typeRef="number"><text>per_head</text></inputExpression></input>
<output id="o" label="base" name="base" typeRef="number"/>{rules}</decisionTable></decision></definitions>"""
path = Path(tempfile.mkdtemp()) / "t.dmn"
path.write_text(xml, encoding="utf-8")
parser = BpmnDmnParser()
parser.add_dmn_file(str(path))
engine = parser.get_engine("table", None)
script = PythonScriptEngine()


class Task:
    """What the table asks of a workflow's task."""

    def __init__(self, data: dict) -> None:
        self.data = data


class Spec:
    """What a task is made from."""

    def __init__(self) -> None:
        self.name = "bench"


class Workflow:
    """Where a task lives."""

    script_engine = script


def decide() -> object:
    """Make the decision once."""
    task = Task(dict(decision["facts"]))
    task.workflow = Workflow()
    task.task_spec = Spec()
    data = task.data
    data["yearly"] = script.environment.evaluate("income * 12", data)
    data["per_head"] = script.environment.evaluate("yearly / members", data)
    data.update(engine.result(task))
    return script.environment.evaluate("base + (25 if members > 2 else 0)", data)


value = decide()
start = time.process_time()
for _ in range(rounds):
    decide()
print(json.dumps({"value": float(value), "us": (time.process_time() - start) / rounds * 1e6}))
