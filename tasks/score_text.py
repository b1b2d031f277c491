"""Rows of scores as lines for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any


def table_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the table as text, survey by survey."""
    lines = []
    for survey in dict.fromkeys(row["survey"] for row in rows):
        of_survey = [row for row in rows if row["survey"] == survey]
        first = of_survey[0]
        lines += [
            f"{survey}: {first['parts']} sections or cubes, {first['blocks']} blocks, "
            f"{100 * first['fault_share']:.1f}% of the samples labelled",
            f"  {'method':<24}{'AP':>6} {'95 %':>12} {'thr':>6} {'P/R/F1 exact':>15} "
            f"{'P/R/F1 2 samples':>16} {'95 %':>9} {'IoU':>5} {'best':>5} {'stick, 95 %':>11} "
            f"{'ECE':>6} {'core-s':>7}",
        ]
        lines += [_line(row) for row in of_survey]
    lines.append(
        "Thresholds are fixed on synthetic validation examples; 'best' is F1 within 2 samples at "
        "the threshold that suits the survey best. IoU: intersection over union within 2 samples. "
        "Sticks: samples to the nearest pick. core-s: per million samples. 95 %: over blocks, from 8 on."
    )
    return lines


def _line(row: Mapping[str, Any]) -> str:
    """Return one row as text."""

    def number(name: str, digits: int = 3) -> str:
        return _number(row[name], digits)

    def interval(name: str, digits: int) -> str:
        ends = row[name]
        return "-" if None in ends else "-".join(_number(end, digits) for end in ends)

    def three(tolerance: int) -> str:
        return "/".join(number(f"{name}_{tolerance}", 2) for name in ("precision", "recall", "f1"))

    sticks = f"{number('stick_distance', 1)}, {number('stick_distance_95', 0)}"
    return (
        f"  {row['method']:<24}{number('average_precision'):>6} "
        f"{interval('average_precision_interval', 3):>12} {number('threshold'):>6} {three(0):>15} "
        f"{three(2):>16} {interval('f1_2_interval', 2):>9} {number('iou_2'):>5} "
        f"{number('best_f1'):>5} {sticks:>11} "
        f"{number('calibration_error'):>6} {number('core_seconds_per_million', 2):>7}"
    )


def _number(value: float | None, digits: int) -> str:
    """Return a number without the zero before its point; a dash where there is none."""
    if value is None:
        return "-"
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("0.") else text
