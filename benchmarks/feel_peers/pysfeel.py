"""pySFeel on the shared decision: it knows S-FEEL only, so Python walks the table and takes the `if`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pySFeel

decision = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
rounds = int(sys.argv[2])
facts = decision["facts"]


def test(name: str, cell: str) -> str:
    """A cell as a condition on a name."""
    return "true" if cell == "-" else f"{name} in ({cell})" if cell[0] in "<>" else f"{name} in {cell}"


parser = pySFeel.SFeelParser()


def decide() -> object:
    """Make the decision once."""
    for name, value in facts.items():
        parser.sFeelParse(f"{name} <- {value}")
    parser.sFeelParse("yearly <- income * 12")
    parser.sFeelParse("perHead <- yearly / members")
    base = None
    for age, per_head, outcome in decision["rows"]:
        _, first = parser.sFeelParse(test("age", age))
        _, second = parser.sFeelParse(test("perHead", per_head))
        if first and second:
            base = outcome
            break
    parser.sFeelParse(f"base <- {base}")
    extra = 25 if parser.sFeelParse("members > 2")[1] else 0
    return parser.sFeelParse(f"base + {extra}")[1]


value = decide()
start = time.process_time()
for _ in range(rounds):
    decide()
print(json.dumps({"value": float(value), "us": (time.process_time() - start) / rounds * 1e6}))
