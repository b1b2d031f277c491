"""Files whose fault is told and needs no option, and files that no option makes a volume of."""

import numpy as np

from tests.doctor_faults import (
    IEEE,
    INT16,
    NO_LINES,
    Case,
    doubled_and_missing,
    drop_file_headers,
    extended_text_that_is_not_there,
    far_apart,
    fault,
    skewed,
    smooth_singles,
    swap_samples,
    with_dead,
    written,
    wrong_scalars,
)
from tests.segy_parts import (
    CUBE,
    Variant,
    keep_no_trace,
    put,
    put_tail,
    put_traces,
    several,
    shorten_every,
)
from tests.surveys import Form

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
