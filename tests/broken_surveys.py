"""Makers of files that must be refused: no SEG-Y at all, or a survey that cannot be mapped."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.surveys import PLAIN, Form, write_segy


def truncated(path: Path) -> Path:
    write_segy(path, PLAIN())
    path.write_bytes(path.read_bytes()[:-17])
    return path


def no_traces(path: Path) -> Path:
    write_segy(path, PLAIN())
    path.write_bytes(path.read_bytes()[:3600])
    return path


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def short(path: Path) -> Path:
    path.write_bytes(b"\0" * 1000)
    return path


def words(path: Path) -> Path:
    path.write_bytes(b"This is not a survey.\n" * 1000)
    return path


def missing(path: Path) -> Path:
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def doubled(path: Path) -> Path:
    traces = PLAIN()
    return write_segy(path, traces.take(np.array([*range(len(traces)), *range(5, 15)])))


def pre_stack(path: Path) -> Path:
    traces = PLAIN()
    gathers = traces.take(np.repeat(np.arange(len(traces)), 3))
    return write_segy(path, gathers, Form(fields={37: np.tile([100, 200, 300], len(traces))}))


def no_line_numbers(path: Path) -> Path:
    traces = PLAIN()
    nothing = replace(traces, inline=traces.inline * 0, crossline=traces.inline * 0)
    return write_segy(path, nothing, Form(coordinate_bytes=None))


def no_line_numbers_on_no_grid(path: Path) -> Path:
    traces = PLAIN()
    x, y = np.random.default_rng(3).uniform(0, 9999, (2, len(traces)))
    return write_segy(path, replace(traces, inline=x * 0, crossline=x * 0, x=x, y=y))


def far_apart(path: Path) -> Path:
    traces = PLAIN()
    apart = np.random.default_rng(3).permutation(len(traces)) * 9973
    lost = replace(traces, inline=apart, crossline=apart[::-1])
    return write_segy(path, lost, Form(coordinate_bytes=None))


def gain_ranged(path: Path) -> Path:
    return write_segy(path, PLAIN(), Form(code=2, fields={})) and _patch(path, 3225, 4)


def no_samples(path: Path) -> Path:
    write_segy(path, PLAIN(), Form(fields={115: 0}))
    return _patch(path, 3221, 0)


def no_interval(path: Path) -> Path:
    return write_segy(path, PLAIN(), Form(interval=0))


def changing_delay(path: Path) -> Path:
    delay = np.where(np.arange(len(PLAIN())) == 11, 8, 4)
    return write_segy(path, PLAIN(), Form(fields={109: delay}))


def changing_lag(path: Path) -> Path:
    lag = np.where(np.arange(len(PLAIN())) == 11, -8, -4)
    return write_segy(path, PLAIN(), Form(fields={105: lag}))


def changing_time_scalar(path: Path) -> Path:
    scalar = np.where(np.arange(len(PLAIN())) == 11, 1, -10)
    return write_segy(path, PLAIN(), Form(delay=4, fields={215: scalar}))


def too_many_texts(path: Path) -> Path:
    return _patch(write_segy(path, PLAIN()), 3505, 30_000)


def unknown_texts(path: Path) -> Path:
    return _patch(write_segy(path, PLAIN()), 3505, -1)


def _patch(path: Path, byte: int, value: int) -> Path:
    content = bytearray(path.read_bytes())
    content[byte - 1 : byte + 1] = (value & 0xFFFF).to_bytes(2, "big")
    path.write_bytes(bytes(content))
    return path


BROKEN: dict[str, tuple[Callable[[Path], Path], str]] = {
    "truncated": (truncated, "truncated"),
    "no-traces": (no_traces, "no trace"),
    "empty": (empty, "empty"),
    "short": (short, "not a SEG-Y file"),
    "words": (words, "not a SEG-Y file"),
    "missing": (missing, "no such file"),
    "folder": (folder, "not a file"),
    "doubled": (doubled, "10 traces share the bin of another, such as traces 6 and 64"),
    "pre-stack": (pre_stack, "pre-stack"),
    "no-line-numbers": (no_line_numbers, "189/193: all zero"),
    "no-line-numbers-on-no-grid": (no_line_numbers_on_no_grid, "--as-line"),
    "far-apart": (far_apart, "63 traces on"),
    "gain-ranged": (gain_ranged, "fixed point"),
    "no-samples": (no_samples, "number of samples is zero"),
    "no-interval": (no_interval, "--sample-interval"),
    "changing-delay": (changing_delay, "trace 12"),
    "changing-lag": (changing_lag, "-8 in trace 12"),
    "changing-time-scalar": (changing_time_scalar, "and 1 in trace 12"),
    "too-many-texts": (too_many_texts, "more than the file has room for"),
    "unknown-texts": (unknown_texts, "extended text headers"),
}
"""Files that must be refused: maker, and what the message must say."""
