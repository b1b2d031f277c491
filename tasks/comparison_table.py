"""The table of a comparison: one row a network, with the names and units that people read."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

Results = Sequence[Mapping[str, Any]]

COLUMNS = {
    "kind": "autoencoder",
    "parameters": "parameters",
    "mae": "MAE",
    "mse": "MSE",
    "average_precision": "fault AP",
    "samples_per_s": "samples a second",
    "peak_memory_mib": "peak memory, MiB",
    "training_s": "training, s",
    "head_training_s": "training of the head, s",
}
"""Key of a result to the heading of its column."""


def columns_of(results: Results) -> list[dict[str, Any]]:
    """Return the results without their pictures."""
    return [{key: value for key, value in each.items() if key != "sections"} for each in results]


def csv_text(results: Results) -> str:
    """Return the table as CSV, columns named by their keys."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(results)
    return text.getvalue()


def rows_of(results: Results) -> list[list[str]]:
    """Return the table for people, headings first, ended by what an answer of zeros would score."""
    rows = [list(COLUMNS.values())]
    rows += [[_plain(each[key]) for key in COLUMNS] for each in results]
    first = results[0]
    blank = {"kind": "zeros", "mae": first["blank_mae"], "mse": first["blank_mse"]}
    blank["average_precision"] = first["fault_share"]
    return [*rows, [_plain(blank.get(key, "")) for key in COLUMNS]]


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
