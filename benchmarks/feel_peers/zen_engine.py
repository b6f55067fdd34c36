"""zen-engine on the shared decision: expression node, table node, expression node."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import zen

decision = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
rounds = int(sys.argv[2])


def cell(text: str) -> str:
    """A cell in the peer's own words."""
    return "" if text == "-" else text


def expressions(key: str, pairs: list[tuple[str, str]]) -> dict:
    """A node that computes expressions."""
    return {
        "id": key,
        "name": key,
        "type": "expressionNode",
        "content": {
            "expressions": [{"id": f"{key}{i}", "key": k, "value": v} for i, (k, v) in enumerate(pairs)],
            "passThrough": True,
        },
    }


rules = [{"_id": str(i), "a": cell(a), "b": cell(b), "o": o} for i, (a, b, o) in enumerate(decision["rows"])]
graph = {
    "contentType": "application/vnd.gorules.decision",
    "nodes": [
        {"id": "in", "name": "in", "type": "inputNode"},
        expressions("before", [("yearly", "income * 12"), ("per_head", "income * 12 / members")]),
        {
            "id": "table",
            "name": "table",
            "type": "decisionTableNode",
            "content": {
                "hitPolicy": "first",
                "passThrough": True,
                "inputs": [
                    {"id": "a", "name": "age", "field": "age"},
                    {"id": "b", "name": "per_head", "field": "per_head"},
                ],
                "outputs": [{"id": "o", "name": "base", "field": "base"}],
                "rules": rules,
            },
        },
        expressions("after", [("outcome", "base + (members > 2 ? 25 : 0)")]),
        {"id": "out", "name": "out", "type": "outputNode"},
    ],
    "edges": [
        {"id": f"e{i}", "sourceId": a, "targetId": b, "type": "edge"}
        for i, (a, b) in enumerate(
            [("in", "before"), ("before", "table"), ("table", "after"), ("after", "out")]
        )
    ],
}
made = zen.ZenEngine().create_decision(json.dumps(graph))
facts = decision["facts"]


def decide() -> object:
    """Make the decision once."""
    return made.evaluate(facts)["result"]["outcome"]


value = decide()
start = time.process_time()
for _ in range(rounds):
    decide()
print(json.dumps({"value": float(value), "us": (time.process_time() - start) / rounds * 1e6}))
