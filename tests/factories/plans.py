"""How the database reads what a piece of code asks: the names of the indexes, and what it reads or sorts without one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

FORCED = ("enable_seqscan", "enable_bitmapscan", "enable_sort")
"""Switched off, so that PostgreSQL does with a few rows what it does with many: it sorts only where no index has the order."""


def plans_of(work: Callable[[], object]) -> list[str]:
    """Return the plan of each question that some work asks, in the database's words, on one line each."""
    is_sqlite = connection.vendor == "sqlite"
    plans: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{sql}", params)
                plans.append(" ".join(str(row[-1]) for row in cursor.fetchall()))
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.cursor() as cursor:
        for name in () if is_sqlite else FORCED:
            cursor.execute(f"SET LOCAL {name} = off")
        with connection.execute_wrapper(explain):
            work()
    return plans


def is_read_by(index: str, plan: str) -> bool:
    """Whether a plan reads from an index, in its order, and reads no table from end to end."""
    strays = ("SCAN ", "TEMP B-TREE") if connection.vendor == "sqlite" else ("Seq Scan", "Sort")
    rest = re.sub(rf"SCAN \w+ USING (COVERING )?INDEX {index}\b", "", plan)
    return index in plan and not any(stray in rest for stray in strays)
