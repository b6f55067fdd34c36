"""DMN 1.5 in pure Python: read, check, decide, explain.

    from commonweal.engines import dmn

    model = dmn.read("fee.dmn")
    compiled = dmn.compile(model)
    result = compiled.decide("Late fee", {"days late": 20}, trace=True)
    result.value, result.trace.as_text()

No network, no clock (the date is passed in), no files but those named.

Source: OMG Decision Model and Notation 1.5 (formal/2024-01-01).
"""

from __future__ import annotations

from commonweal.engines.dmn.check import check
from commonweal.engines.dmn.compile import checked
from commonweal.engines.dmn.compile import compile_model as compile  # noqa: A004 -- the word of the field
from commonweal.engines.dmn.compiled import CompiledModel, Result
from commonweal.engines.dmn.demand import Look, look, paths_in
from commonweal.engines.dmn.errors import (
    CycleError,
    DmnError,
    FactError,
    LimitError,
    ModelError,
    NameUnknownError,
    SheetError,
    XmlError,
)
from commonweal.engines.dmn.facts import text_of, to_json
from commonweal.engines.dmn.model import Model
from commonweal.engines.dmn.problems import Problem
from commonweal.engines.dmn.read_xml import folder_imports, read
from commonweal.engines.dmn.spreadsheets import (
    from_csv,
    from_markdown,
    from_xlsx,
    model_of,
    read_sheet,
    to_csv,
    to_markdown,
    to_xlsx,
)
from commonweal.engines.dmn.trace import Trace, Words
from commonweal.engines.dmn.unknown import Need, Outlook, outlook
from commonweal.engines.dmn.why_not import Change, Way, what_would_change, why_not
from commonweal.engines.dmn.write_xml import write

__all__ = [
    "Change",
    "CompiledModel",
    "CycleError",
    "DmnError",
    "FactError",
    "LimitError",
    "Look",
    "Model",
    "ModelError",
    "NameUnknownError",
    "Need",
    "Outlook",
    "Problem",
    "Result",
    "SheetError",
    "Trace",
    "Way",
    "Words",
    "XmlError",
    "check",
    "checked",
    "compile",
    "folder_imports",
    "from_csv",
    "from_markdown",
    "from_xlsx",
    "look",
    "model_of",
    "outlook",
    "paths_in",
    "read",
    "read_sheet",
    "text_of",
    "to_csv",
    "to_json",
    "to_markdown",
    "to_xlsx",
    "what_would_change",
    "why_not",
    "write",
]
