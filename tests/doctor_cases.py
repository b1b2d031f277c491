"""Files with one fault each, the same files without it, and what a doctor must say of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from tests.segy_parts import (
    CUBE,
    Change,
    Content,
    Variant,
    cut_last_trace,
    keep_no_trace,
    noise,
    put,
    put_tail,
    put_text,
    put_traces,
    several,
    shorten_every,
)
from tests.surveys import Form, Traces, grid_traces

IBM, IEEE, INT16, INT32 = (Form(code=code) for code in (1, 5, 3, 2))
LINE = partial(grid_traces, (1, 60, 40), azimuth=0.41)
NO_LINES: dict[int, Any] = {189: 0, 193: 0}
COUNTED = NO_LINES | {5: np.arange(60) + 1, 21: np.arange(60) + 101}
"""A line whose traces have numbers of their own in several fields."""


@dataclass(frozen=True, slots=True)
class Case:
    """A fault: the file with it and without it, the finding, and what mends it.

    ``mends`` are the options in force at the end, ``said`` those that the user names.
    ``same`` is False where the volume cannot be that of the file without the fault.
    """

    faulty: Variant
    sound: Variant
    code: str
    mends: Mapping[str, Any] = field(default_factory=dict)
    severity: str = "stops"
    said: Mapping[str, Any] = field(default_factory=dict)
    same: bool = True


def fault(change: Change, code: str, *, form: Form = IBM, **more: Any) -> Case:
    """Return the case of a sound file that was changed."""
    return Case(Variant(change, form=form), Variant(form=form), code, **more)


def written(code: str, *, change: Change = lambda _: None, **more: Any) -> Case:
    """Return the case of a sound file that was written in another form, named by its differences."""
    names = ("line_bytes", "coordinate_bytes", "scalar", "interval", "fields")
    form = replace(IBM, **{name: more.pop(name) for name in names if name in more})
    sound = replace(IBM, coordinate_bytes=form.coordinate_bytes and (181, 185))
    return Case(Variant(change, form=form), Variant(form=sound), code, **more)


def named(said: Mapping[str, Any], code: str, **more: Any) -> Case:
    """Return the case of a sound file for which the user names the wrong option."""
    return Case(more.pop("faulty", Variant()), Variant(), code, said=said, **more)


def words(*lines: str) -> Change:
    return put_text("".join(line.ljust(80) for line in lines).ljust(3200).encode("cp037"))


def swap_head(content: Content) -> None:
    """Write the binary header in the other byte order than traces are in."""
    fields = np.frombuffer(bytes(content.head[3200:3600]), "u2").byteswap()
    content.head[3200:3600] = fields.tobytes()
    content.head[3500:3502] = b"\1\0"


def swap_samples(content: Content) -> None:
    content.words("u4")[:] = content.words("u4").byteswap()


def wide_range(content: Content) -> None:
    """Write integers over a range that 32-bit integers have and floats do not."""
    wave = np.sin(np.arange(40) / 3 + np.arange(480)[:, None])
    content.words("i4")[:] = (20_000 * wave).astype("i4")


def smooth_singles(content: Content) -> None:
    content.words("f4")[:] = 3e3 * np.sin(np.arange(40) / 3 + np.arange(480)[:, None])


def no_count(content: Content) -> None:
    content.put(3221, 0)
    content.put_traces(115, 0, "i2")


def extended_text_that_is_not_there(content: Content) -> None:
    content.put(3505, 1)


def drop_file_headers(content: Content) -> None:
    content.head = bytearray()


def shift_lines(content: Content) -> None:
    content.records[:, 189:197] = content.records[:, 188:196].copy()
    content.records[:, 188] = 0


def wrong_scalars(content: Content) -> None:
    """Make coordinates a hundred times too large by two scalars in turn."""
    traces, scalar = CUBE(), 10 ** (np.arange(480) % 2)
    content.put_traces(71, scalar, "i2")
    for byte, values in ((181, traces.x), (185, traces.y)):
        content.put_traces(byte, np.rint(values * 100 / scalar))


def renumbered() -> Form:
    """Lines that every count bears out, and the coordinates do not: the true ones lie at 9/21."""
    traces, count = CUBE(), np.arange(480)
    shuffle = np.random.default_rng(5).permutation(480)
    return Form(
        code=1,
        line_bytes=(9, 21),
        fields={189: shuffle[count] // 24 + 1, 193: shuffle[count] % 24 + 1, 17: traces.crossline},
    )


def doubled_and_missing() -> Traces:
    """Traces of as many bins as the grid has, ten of them twice and ten not at all."""
    traces = CUBE()
    return traces.take(np.r_[:470, 90:100])


def skewed() -> Traces:
    traces = CUBE()
    along = 25.0 * (traces.inline - 101)
    return replace(traces, x=traces.x + along)


def with_dead(x: float, y: float) -> Callable[[], Traces]:
    def make() -> Traces:
        traces, dead = CUBE(), np.arange(480) % 60 == 7
        return replace(traces, x=np.where(dead, x, traces.x), y=np.where(dead, y, traces.y))

    return make


def far_apart() -> Traces:
    """A tenth of a grid and a little more."""
    traces = grid_traces((40, 40, 8), azimuth=0.41)
    chosen = np.random.default_rng(3).permutation(1600)[:400]
    return traces.take(np.sort(np.r_[0, 1599, chosen]))


MENDED: dict[str, Case] = {
    "wrong-count": fault(
        several(put(3221, 30), put_traces(115, 30, "i2")), "sample-count", mends={"samples": 40}
    ),
    "no-count": fault(no_count, "sample-count", mends={"samples": 40}),
    "no-count-int16": fault(no_count, "sample-count", mends={"samples": 40}, form=INT16),
    "count-and-torn": fault(
        several(put(3221, 30), put_traces(115, 30, "i2"), put_tail(bytes(50))),
        "truncated",
        mends={"samples": 40, "salvage": True},
    ),
    "torn": fault(cut_last_trace, "truncated", mends={"salvage": True}, same=False),
    "bytes-behind": fault(put_tail(noise(100).tobytes()), "truncated", mends={"salvage": True}),
    "ibm-called-ieee": fault(put(3225, 5), "format", mends={"format": 1}, severity="wrong"),
    "ieee-called-ibm": fault(
        put(3225, 1), "format", form=IEEE, mends={"format": 5}, severity="wrong"
    ),
    "ieee-called-ibm-little": fault(
        put(3225, 1),
        "format",
        form=replace(IEEE, order="little"),
        mends={"format": 5},
        severity="wrong",
    ),
    "int32-called-ibm": Case(
        Variant(several(wide_range, put(3225, 1)), form=INT32),
        Variant(wide_range, form=INT32),
        "format",
        {"format": 2},
        "wrong",
    ),
    "ieee-called-int32": Case(
        Variant(several(smooth_singles, put(3225, 2)), form=IEEE),
        Variant(smooth_singles, form=IEEE),
        "format",
        {"format": 5},
        "wrong",
    ),
    "int16-called-ibm": fault(put(3225, 1), "format", form=INT16, mends={"format": 3}),
    "ieee-called-int16": fault(put(3225, 3), "format", form=IEEE, mends={"format": 5}),
    "no-format": fault(put(3225, 0), "format", form=IEEE, mends={"format": 5}),
    "no-format-and-no-count": fault(
        several(put(3225, 0), no_count), "format", mends={"format": 1, "samples": 40}
    ),
    "ieee-called-gain-ranged": fault(put(3225, 4), "format", form=IEEE, mends={"format": 5}),
    "traces-little-endian": fault(
        swap_head,
        "byte-order",
        form=replace(IBM, order="little"),
        mends={"byte_order": "little", "format": 1, "samples": 40, "sample_interval": 4.0},
    ),
    "traces-big-endian": fault(
        swap_head,
        "byte-order",
        form=IEEE,
        mends={"byte_order": "big", "format": 5, "samples": 40, "sample_interval": 4.0},
    ),
    "lines-at-unassigned-bytes": written(
        "lines",
        line_bytes=(233, 237),
        mends={"inline_byte": 233, "crossline_byte": 237},
        severity="wrong",
    ),
    "lines-one-byte-on": fault(
        shift_lines,
        "lines",
        mends={"inline_byte": 190, "crossline_byte": 194},
        severity="wrong",
    ),
    "lines-at-221-without-coordinates": written(
        "lines",
        line_bytes=(221, 225),
        coordinate_bytes=None,
        mends={"inline_byte": 221, "crossline_byte": 225},
    ),
    "line-of-cdp-numbers": Case(
        Variant(
            traces=LINE,
            form=Form(
                code=1,
                coordinate_bytes=None,
                fields=COUNTED | {9: np.arange(60) // 3},
            ),
        ),
        Variant(traces=LINE),
        "lines",
        {"inline_byte": 189, "crossline_byte": 21},
        same=False,
    ),
    "line-that-makes-a-sparse-grid": Case(
        Variant(
            traces=LINE,
            form=Form(code=1, coordinate_bytes=None, fields=COUNTED | {9: np.arange(60) // 7}),
        ),
        Variant(traces=LINE),
        "lines",
        {"inline_byte": 189, "crossline_byte": 21},
        "wrong",
        same=False,
    ),
    "no-geometry": fault(
        several(put_traces(189, 0), put_traces(193, 0)),
        "lines",
        form=replace(IBM, coordinate_bytes=None),
        mends={"as_line": True},
        same=False,
    ),
    "lines-of-another-survey": Case(
        Variant(form=renumbered()),
        Variant(form=Form(code=1)),
        "lines",
        {"inline_byte": 9, "crossline_byte": 21},
        "wrong",
    ),
    "coordinates-elsewhere": written(
        "coordinates",
        coordinate_bytes=(81, 85),
        mends={"cdp_x_byte": 81, "cdp_y_byte": 85},
        severity="wrong",
    ),
    "scalar-lost": fault(
        put_traces(71, 0, "i2"),
        "coordinate-scale",
        severity="wrong",
        mends={"coordinate_scalar": -100},
    ),
    "scalar-upside-down": fault(
        put_traces(71, 100, "i2"),
        "coordinate-scale",
        severity="wrong",
        mends={"coordinate_scalar": -100},
    ),
    "scalar-lost-in-two-ways": fault(
        put_traces(71, np.arange(480) % 2, "i2"),
        "coordinate-scale",
        severity="wrong",
        mends={"coordinate_scalar": -100},
    ),
    "scalar-absurd": fault(
        put_traces(71, 7, "i2"),
        "coordinate-scale",
        severity="wrong",
        mends={"coordinate_scalar": -100},
    ),
    "named-scalar-wrong": named(
        {"coordinate_scalar": 10},
        "coordinate-scale",
        severity="wrong",
        mends={"coordinate_scalar": -100},
    ),
    "depth-as-time": written(
        "depth-as-time",
        change=words("C 1 PRESTACK DEPTH MIGRATED STACK", "C 2 DEPTH INTERVAL 5 M"),
        interval=5000,
        mends={"domain": "depth"},
        severity="wrong",
        same=False,
    ),
    "metres-as-microseconds": fault(
        several(words("C 1 PSDM VOLUME, DEPTH IN METRES"), put(3217, 5), put_traces(117, 5, "i2")),
        "depth-as-time",
        mends={"domain": "depth", "sample_interval": 5.0},
        severity="wrong",
        same=False,
    ),
    "named-count-wrong": named({"samples": 50}, "sample-count"),
    "named-order-wrong": named({"byte_order": "little"}, "byte-order"),
    "named-format-wrong": named({"format": 5}, "format", mends={"format": 1}, severity="wrong"),
    "named-lines-wrong": named(
        {"inline_byte": 17, "crossline_byte": 17},
        "lines",
        mends={"inline_byte": 189, "crossline_byte": 193},
    ),
    "named-refusal-of-duplicates": named(
        {"duplicates": "error"},
        "duplicates",
        faulty=Variant(traces=doubled_and_missing),
        mends={"duplicates": "first"},
        same=False,
    ),
}
"""Faults that options mend."""

TOLD: dict[str, Case] = {
    "wrong-count-in-one-place": fault(put(3221, 30), "sample-count", severity="note"),
    "no-lines": fault(
        several(put_traces(189, 0), put_traces(193, 0)),
        "made-lines",
        severity="note",
        same=False,
    ),
    "scalar-0": written("scalar-0", scalar=0, severity="note", same=False),
    "scalars-of-all-traces-wrong": fault(
        wrong_scalars, "coordinate-scale", severity="look", same=False
    ),
    "scalar-that-is-none": fault(
        put_traces(71, -101, "i2"), "odd-scalar", severity="look", same=False
    ),
    "dead-without-coordinates": Case(
        Variant(traces=with_dead(-(2.0**31) / 100, -(2.0**31) / 100)),
        Variant(),
        "unknown-coordinates",
        severity="note",
        same=False,
    ),
    "dead-with-wild-coordinates": Case(
        Variant(traces=with_dead(9999999, 9999999)),
        Variant(),
        "off-grid",
        severity="look",
        same=False,
    ),
    "coarse-interval": written("depth-as-time", interval=10_000, severity="look", same=False),
    "tiny-interval": fault(
        several(put(3217, 4), put_traces(117, 4, "i2")),
        "tiny-interval",
        severity="look",
        same=False,
    ),
    "negative-interval": fault(
        several(put(3217, -2000), put_traces(117, -2000, "i2")),
        "wide-interval",
        severity="look",
        same=False,
    ),
    "no-interval": fault(
        several(put(3217, 0), put_traces(117, 0, "i2")), "no-interval", severity="look"
    ),
    "two-intervals": fault(put_traces(117, 2000, "i2"), "two-intervals", severity="look"),
    "regular-by-count": Case(
        Variant(traces=doubled_and_missing),
        Variant(),
        "regular-by-count",
        severity="look",
        same=False,
    ),
    "duplicates": Case(
        Variant(traces=lambda: CUBE().take(np.r_[:480, 5, 5])),
        Variant(),
        "duplicates",
        severity="look",
    ),
    "sparse": Case(Variant(traces=far_apart), Variant(), "sparse", severity="look", same=False),
    "all-zero": fault(
        lambda content: content.words("u4").fill(0), "all-zero", severity="look", same=False
    ),
    "area-as-line": Case(
        Variant(form=Form(code=1, fields=NO_LINES | {21: np.arange(480) + 1})),
        Variant(),
        "area-as-line",
        severity="wrong",
        same=False,
    ),
    "traces-taken-for-a-text": fault(
        extended_text_that_is_not_there, "text-count", severity="wrong", same=False
    ),
    "skewed": Case(Variant(traces=skewed), Variant(), "skewed", severity="look", same=False),
    "start-changes": fault(
        put_traces(109, np.where(np.arange(480) == 11, 8, 0), "i2"),
        "start-changes",
        severity="look",
    ),
}
"""What no option mends, or nothing need mend: an ingest runs as it is."""

UNMENDABLE: dict[str, Case] = {
    "pre-stack": Case(
        Variant(
            traces=lambda: CUBE().take(np.repeat(np.arange(480), 3)),
            form=Form(code=1, fields={37: np.tile([100, 200, 300], 480)}),
        ),
        Variant(),
        "pre-stack",
    ),
    "unequal-lengths": fault(shorten_every(7), "unequal-lengths"),
    "unequal-lengths-that-add-up": fault(shorten_every(2), "unequal-lengths"),
    "text-that-is-not-there": fault(
        extended_text_that_is_not_there, "text-count", form=Form(code=6)
    ),
    "seismic-unix": fault(drop_file_headers, "seismic-unix"),
    "seismic-unix-without-interval": fault(
        several(drop_file_headers, put_traces(117, 0, "i2")), "seismic-unix"
    ),
    "no-trace": fault(keep_no_trace, "unreadable"),
    "extra-headers-that-are-not-there": fault(
        several(put(3507, 4, "i4"), put_tail(bytes(50))),
        "extra-headers",
        form=Form(code=1, revision=0x0200),
    ),
    "24-bit": fault(
        several(put(3225, 7), put(3221, 0), put_traces(115, 0, "i2")), "unreadable", form=INT16
    ),
}
"""Files that no option makes a volume of."""

SWAPPED_SAMPLES = Case(
    Variant(several(smooth_singles, swap_samples), form=IEEE),
    Variant(smooth_singles, form=IEEE),
    "sample-order",
)
"""Samples in another byte order than headers: an ingest cannot see it, and the doctor refuses it."""
