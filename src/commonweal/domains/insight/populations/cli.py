"""`commonweal population`: write a made population to a Parquet file.

commonweal population port-alder --out people.parquet --seed 7
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from pathlib import Path

MISSING = "Populations need the extra 'bulk': pip install 'commonweal[bulk]'.\n"


def main(argv: list[str]) -> int:
    """Run ``commonweal population …``; return 0, or 2 where the call is wrong."""
    parser = argparse.ArgumentParser(prog="commonweal population", description=__doc__.partition("\n")[0])
    parser.add_argument("place", help="port-alder, or state")
    parser.add_argument("--out", type=Path, required=True, help="the Parquet file to write")
    parser.add_argument("--people", type=int, help="how many (as many as the place has)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other people (1)")
    parser.add_argument("--on", type=date.fromisoformat, help="the day on which everybody applies")
    parser.add_argument(
        "--unit",
        default="household",
        help="what a row is: household (the default), tax_unit, school_household, wic_applicant or ssi_household",
    )
    arguments = parser.parse_args(argv)
    try:
        import pyarrow.parquet as pq  # noqa: PLC0415 - optional dependency

        from commonweal.domains.insight import populations  # noqa: PLC0415 - optional dependency
    except ImportError:
        sys.stderr.write(MISSING)
        return 2
    chosen = {"people": arguments.people, "seed": arguments.seed, "unit": arguments.unit}
    on = arguments.on or populations.APPLIED_ON
    try:
        batches = populations.make(arguments.place, on=on, **chosen)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    draft = arguments.out.with_name(f".{arguments.out.name}.draft")
    try:
        first = next(batches)
        rows = first.num_rows
        with pq.ParquetWriter(draft, first.schema, compression="zstd") as writer:
            writer.write_batch(first)
            for batch in batches:
                writer.write_batch(batch)
                rows += batch.num_rows
        draft.replace(arguments.out)
    except OSError as error:
        sys.stderr.write(f"{arguments.out} cannot be written: {os.strerror(error.errno or 0)}.\n")
        return 2
    finally:
        draft.unlink(missing_ok=True)
    name = populations.fingerprint(arguments.place, on=on, **chosen)
    sys.stdout.write(f"{rows:,} rows written to {arguments.out}; population {name[:16]}\n")
    return 0
