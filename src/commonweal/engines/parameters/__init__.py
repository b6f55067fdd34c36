"""Dated law: figures with unit, validity, the day they became known, and their source.

>>> from datetime import date
>>> law = load({
...     "programme": "fees",
...     "name": "Fees",
...     "parameters": {
...         "fee": {
...             "label": "Fee",
...             "unit": "USD/year",
...             "entries": [
...                 {"from": "2026-01-01", "known_from": "2025-11-03", "reference": "Code 1.2", "value": 42},
...             ],
...         }
...     },
... })
>>> law.at(date(2026, 5, 1)).values
{'fee': Decimal('42')}
>>> law.at(date(2026, 5, 1), known_on=date(2025, 10, 1)).unknown
{'fee': 'Fee is not known for May 2026.'}
"""

from __future__ import annotations

from commonweal.engines.parameters.model import (
    Dimension,
    Entry,
    Gap,
    Kind,
    Leaf,
    Parameter,
    ParameterSet,
    Reference,
    Snapshot,
    Tree,
)
from commonweal.engines.parameters.reading import Fault, ParametersError, load, read

__all__ = [
    "Dimension",
    "Entry",
    "Fault",
    "Gap",
    "Kind",
    "Leaf",
    "Parameter",
    "ParameterSet",
    "ParametersError",
    "Reference",
    "Snapshot",
    "Tree",
    "load",
    "read",
]
