"""Files with one fault each that an option mends, and the same files without it."""

from dataclasses import replace

import numpy as np

from tests.doctor_faults import (
    COUNTED,
    IBM,
    IEEE,
    INT16,
    INT32,
    Case,
    doubled_and_missing,
    fault,
    named,
    no_count,
    renumbered,
    shift_lines,
    smooth_singles,
    swap_head,
    wide_range,
    words,
    written,
)
from tests.odd_traces import LINE
from tests.segy_parts import (
    Variant,
    cut_last_trace,
    noise,
    put,
    put_tail,
    put_traces,
    several,
)
from tests.surveys import Form

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
