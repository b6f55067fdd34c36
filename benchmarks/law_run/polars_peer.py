"""The kernel in Polars, lazily, by hand: prints processor seconds for some rows, and the sum."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent))

from kernel import draw


def allotment() -> pl.Expr:
    """The allotment in whole dollars."""
    c = {
        name: pl.col(name).cast(pl.Int64) for name in ("size", "unearned", "child_support", "medical", "rent")
    }
    size = c["size"]
    earned = pl.col("earned").cast(pl.Int64) * 100 + pl.col("self_employment").cast(pl.Int64) * 50
    gross = earned + (c["unearned"] - c["child_support"]) * 100

    def by_size(values: list[int]) -> pl.Expr:
        found = pl.lit(values[-1], pl.Int64)
        for at, value in reversed(list(enumerate(values[:-1], 1))):
            found = pl.when(size == at).then(pl.lit(value, pl.Int64)).otherwise(found)
        return found

    more = pl.max_horizontal(size - 8, 0)
    protected = pl.col("protected")
    categorical = gross * 6 <= (15960 + (size - 1) * 5680) * 100
    limit = by_size([1696, 2292, 2888, 3483, 4079, 4675, 5271, 5867]) + more * 596
    most = by_size([298, 546, 785, 994, 1183, 1421, 1571, 1789]) + more * 218
    gross_test = protected | (gross <= limit * 100)
    standard = by_size([209, 209, 209, 223, 261, 299]) * 100
    medical = pl.when(protected).then(pl.max_horizontal(c["medical"] - 35, 0)).otherwise(0) * 100
    care = pl.col("dependent_care").cast(pl.Int64) * 100
    before = pl.max_horizontal(gross - standard - earned // 5 - care - medical, 0)
    kind = pl.col("utilities")
    allowance = pl.when(kind == 0).then(515).when(kind == 1).then(406).when(kind == 2).then(58).otherwise(0)
    excess = pl.max_horizontal((c["rent"] + allowance) * 100 - before // 2, 0)
    capped = pl.when(protected).then(excess).otherwise(pl.min_horizontal(excess, 74_400))
    shelter = pl.when(pl.col("homeless") & (capped < 19_899)).then(19_899).otherwise(capped)
    net = (pl.max_horizontal(before - shelter, 0) + 50) // 100
    contribution = (net * 3 + 9) // 10
    resources = pl.col("resources") <= pl.when(protected).then(4500).otherwise(3000)
    eligible = categorical | (gross_test & resources)
    least = pl.when(size <= 2).then(24).otherwise(0)
    return pl.when(eligible).then(pl.max_horizontal(most - contribution, least)).otherwise(0)


def main() -> None:
    """Print what it took."""
    rows = int(sys.argv[1])
    frame = pl.DataFrame(draw(rows))
    query = frame.lazy().select(allotment().alias("allotment"))
    query.collect()
    began = time.process_time()
    result = query.collect()
    spent = time.process_time() - began
    print(json.dumps({"cpu": spent, "sum": int(result["allotment"].sum())}))


main()
