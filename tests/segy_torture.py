"""SEG-Y files of every odd kind that a survey may come in, and what must become of each.

A variant is a cube of 20 x 24 x 40 on a rotated grid, changed. It either comes back byte for byte, with the
options that a user would give, or is refused in one line that holds a word. The first 22 are those of the
comparison with other programs; byte numbers count from 1 as in the standard.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from tests.odd_traces import LINE, at_once, crooked, doubled, some_without_numbers, without
from tests.segy_parts import (
    CUBE,
    TEXT,
    Variant,
    add_extra_headers,
    cut_last_trace,
    fill_head,
    keep_no_trace,
    noise,
    put,
    put_between,
    put_tail,
    put_text,
    put_traces,
    put_words,
    random_words,
    several,
    shorten_every,
    stanzas,
    use_unassigned_bytes,
)
from tests.surveys import DTYPES, Form, crossline_major, grid_traces, holes, shuffled

IEEE = Form(code=5)
REVISION_2, REVISION_21 = Form(code=5, revision=0x0200), Form(code=5, revision=0x0201)
NO_LINES: dict[int, Any] = {189: 0, 193: 0}
GATHERS: dict[int, Any] = {37: np.tile([100, 200, 300], 480)}
SCALARS = np.where(np.arange(480) % 2, -10, -100)
ODD_IBM = [0x41012345, 0x80000000, 0x7FFFFFFF, 0x00100000, 0x40000000, 0xFFFFFFFF, 1]
ODD_SINGLES = [0x7F800001, 0x7FC12345, 0xFFC00001, 0x80000000, 1, 0x807FFFFF, 0xFF800000]
ODD_DOUBLES = [word << 32 | 0x89ABCDEF for word in (0x7FF00000, 0x7FF81234, 0xFFF00000, 0)] + [
    1 << 63
]
NAMED_BYTES = ("--inline-byte", "233", "--crossline-byte", "237")
NAMED_COORDINATES = ("--cdp-x-byte", "81", "--cdp-y-byte", "85")
SPARE = fill_head(3261, 3500, 0x30), fill_head(3507, 3600, 0x30)

COMPARED: dict[str, Variant] = {
    "clean": Variant(),
    "missing": Variant(traces=lambda: without(CUBE()), live=437),
    "duplicates": Variant(traces=lambda: doubled(CUBE())),
    "shuffled": Variant(traces=lambda: shuffled(CUBE())),
    "crossline-sorted": Variant(traces=lambda: crossline_major(CUBE())),
    "truncated": Variant(cut_last_trace, refused="truncated"),
    "wrong-sample-count": Variant(put(3221, 30)),
    "no-sample-count": Variant(put(3221, 0)),
    "no-line-numbers": Variant(form=Form(code=1, fields=NO_LINES), shape=None, live=480),
    "scalar-0": Variant(form=Form(code=1, scalar=0)),
    "ieee": Variant(form=IEEE),
    "ieee-nan-inf": Variant(put_words([0x7FC00000, 0x7F800000]), form=IEEE),
    "int16": Variant(form=Form(code=3)),
    "int8": Variant(form=Form(code=8)),
    "int32": Variant(form=Form(code=2)),
    "ibm-odd": Variant(put_words(ODD_IBM)),
    "ascii-text": Variant(put_text(b"".join((b"C%2d ASCII" % k).ljust(80) for k in range(1, 41)))),
    "garbage-text": Variant(put_text(noise(TEXT).tobytes())),
    "extended-text": Variant(form=Form(code=1, texts=1)),
    "unassigned-trace-bytes": Variant(use_unassigned_bytes),
    "unassigned-binary-bytes": Variant(fill_head(3301, 3500, 7)),
    "little-endian": Variant(form=Form(code=1, order="little")),
}
"""The 22 files that other programs were measured with."""

FORMATS: dict[str, Variant] = {
    f"format-{code}-{order}": Variant(form=Form(code=code, order=order))
    for code in DTYPES
    for order in ("big", "little")
}
"""Every sample format in both byte orders; IBM floats are among those compared."""

REVISIONS: dict[str, Variant] = {
    "wide-sample-count-2.0": Variant(
        several(put(3221, 0), put(3269, 40, "u4"), put_traces(115, 0, "i2")), form=REVISION_2
    ),
    "wide-sample-count-2.1": Variant(
        several(put(3221, 30), put(3269, 40, "u4"), put_traces(115, 30, "i2")), form=REVISION_21
    ),
    "wide-sample-count-little": Variant(
        several(put(3221, 0), put(3269, 40, "u4"), put_traces(115, 0, "i2")),
        form=replace(REVISION_2, order="little"),
    ),
    "revision-2-swapped-in-little": Variant(
        several(put(3501, 0x0200), put(3221, 0), put(3269, 40, "u4"), put_traces(115, 0, "i2")),
        form=replace(REVISION_2, order="little"),
    ),
    "wide-interval": Variant(
        several(put(3217, 0), put(3273, 1999.5, "f8"), put_traces(117, 0, "i2")), form=REVISION_2
    ),
    "byte-order-constant-big": Variant(put(3297, 16909060, "i4"), form=REVISION_2),
    "byte-order-constant-little": Variant(
        put(3297, 16909060, "i4"), form=replace(REVISION_21, order="little")
    ),
    "extra-trace-headers-2.0": Variant(add_extra_headers, form=REVISION_2),
    "extra-trace-headers-2.1": Variant(
        add_extra_headers, form=replace(REVISION_21, order="little", code=3)
    ),
    "texts-known": Variant(form=replace(REVISION_2, texts=3)),
    "texts-unknown-2.1": Variant(
        several(
            put(3505, -1), put_between(stanzas("ascii", "((A: B))", "more", "((SEG:EndText))"))
        ),
        form=REVISION_21,
    ),
    "texts-unknown-1": Variant(
        several(put(3505, -1), put_between(stanzas("cp037", "((A: B))", "((SEG: EndText))")))
    ),
    "first-trace-offset": Variant(
        several(put(3521, 3600 + 777, "u8"), put_between(noise(777).tobytes())), form=REVISION_2
    ),
    "first-trace-offset-after-texts": Variant(
        several(
            put(3505, 1),
            put(3521, 3600 + TEXT + 1024, "u8"),
            put_between(stanzas("cp037", "((A: B))") + bytes(1024)),
        ),
        form=REVISION_21,
    ),
    "trailer-known": Variant(
        several(put(3529, 2, "i4"), put_tail(stanzas("cp037", "((A: B))", "((SEG: EndText))"))),
        form=REVISION_2,
    ),
    "trailer-unknown": Variant(
        several(put(3529, -1, "i4"), put_tail(stanzas("ascii", "((A: B))", "((SEG: EndText))"))),
        form=REVISION_21,
    ),
    "all-of-revision-2": Variant(
        several(
            put(3221, 0),
            put(3269, 40, "u4"),
            put(3297, 16909060, "i4"),
            put(3505, 1),
            put(3521, 3600 + TEXT + 64, "u8"),
            put(3529, 1, "i4"),
            put_between(stanzas("cp037", "((A: B))") + bytes(64)),
            put_tail(stanzas("cp037", "((SEG: EndText))")),
            add_extra_headers,
        ),
        form=replace(REVISION_21, order="little", code=6),
    ),
    "revision-2-fields-in-revision-1": Variant(several(*SPARE)),
    "revision-2-fields-in-revision-0": Variant(
        several(*SPARE), form=Form(code=1, revision=0, line_bytes=(9, 21))
    ),
}

SAMPLES: dict[str, Variant] = {
    "more-than-32767": Variant(
        traces=partial(grid_traces, (2, 3, 40_000)), form=Form(code=8), shape=(2, 3, 40_000)
    ),
    "more-than-65535": Variant(
        several(put(3221, 0), put(3269, 70_000, "u4"), put_traces(115, 0, "i2")),
        traces=partial(grid_traces, (1, 2, 70_000)),
        form=Form(code=8, revision=0x0200),
        shape=(1, 2, 70_000),
    ),
    "one-sample": Variant(traces=partial(grid_traces, (20, 24, 1)), shape=(20, 24, 1)),
    "one-trace": Variant(traces=partial(grid_traces, (1, 1, 40)), shape=(1, 1, 40)),
    "all-zero": Variant(lambda content: content.words("u4").fill(0)),
    "all-zero-ieee": Variant(lambda content: content.words("u4").fill(0), form=IEEE),
    "odd-singles": Variant(put_words(ODD_SINGLES), form=IEEE),
    "odd-singles-little": Variant(
        put_words(ODD_SINGLES), form=replace(IEEE, order="little", texts=1)
    ),
    "odd-doubles": Variant(put_words(ODD_DOUBLES, "u8"), form=Form(code=6)),
    "random-singles": Variant(random_words, form=IEEE),
    "random-ibm": Variant(random_words),
    "random-ibm-little": Variant(random_words, form=Form(code=1, order="little")),
    "called-ibm-and-ieee": Variant(put(3225, 1), form=IEEE),
}

TRACES: dict[str, Variant] = {
    "some-without-numbers": Variant(traces=some_without_numbers, live=473),
    "shuffled-duplicates-holes": Variant(traces=at_once, live=len(holes(CUBE()))),
    "several-shards": Variant(
        traces=lambda: shuffled(holes(grid_traces((131, 133, 2)))),
        form=Form(code=3),
        shape=(131, 133, 2),
        live=len(holes(grid_traces((131, 133, 2)))),
    ),
    "line": Variant(traces=LINE, shape=(1, 60, 40)),
    "line-of-crosslines": Variant(
        traces=partial(grid_traces, (60, 1, 40)), form=IEEE, shape=(60, 1, 40)
    ),
    "line-of-cdp-numbers": Variant(
        traces=crooked,
        form=Form(code=1, fields=NO_LINES | {21: np.arange(101, 161)}),
        shape=(1, 60, 40),
    ),
    "scalar-by-trace": Variant(
        several(
            put_traces(71, SCALARS, "i2"),
            put_traces(181, np.rint(CUBE().x * -SCALARS)),
            put_traces(185, np.rint(CUBE().y * -SCALARS)),
        )
    ),
}

OPTIONS: dict[str, Variant] = {
    "truncated-salvaged": Variant(
        cut_last_trace, options=("--salvage",), shape=(20, 24, 40), live=479
    ),
    "bytes-after-the-last-trace-salvaged": Variant(
        put_tail(noise(100).tobytes()), options=("--salvage",)
    ),
    "no-geometry-as-line": Variant(
        form=Form(code=1, fields=NO_LINES, coordinate_bytes=None),
        options=("--as-line",),
        shape=None,
        live=480,
    ),
    "crooked-line-as-line": Variant(
        traces=crooked, form=Form(fields=NO_LINES), options=("--as-line",), shape=None, live=60
    ),
    "duplicates-last": Variant(
        traces=lambda: doubled(CUBE()), options=("--duplicates", "last"), form=IEEE
    ),
    "named-bytes": Variant(
        form=Form(line_bytes=(233, 237), coordinate_bytes=(81, 85)),
        options=(*NAMED_BYTES, *NAMED_COORDINATES),
    ),
    "depth": Variant(form=Form(interval=5000), options=("--domain", "depth")),
    "no-interval": Variant(form=Form(interval=0)),
    "interval-named": Variant(form=Form(interval=0), options=("--sample-interval", "4")),
    "samples-named": Variant(
        several(put(3221, 30), put_traces(115, 30, "i2")), options=("--samples", "40")
    ),
    "format-named": Variant(put(3225, 0), form=IEEE, options=("--format", "5")),
    "format-corrected": Variant(put(3225, 1), form=IEEE, options=("--format", "5")),
    "byte-order-named": Variant(
        form=Form(code=3, order="little"), options=("--byte-order", "little")
    ),
}

REFUSED: dict[str, Variant] = {
    "no-geometry": Variant(
        form=Form(code=1, fields=NO_LINES, coordinate_bytes=None), refused="--as-line"
    ),
    "duplicates-forbidden": Variant(
        traces=lambda: doubled(CUBE()), options=("--duplicates", "error"), refused="91 and 101"
    ),
    "pre-stack": Variant(
        traces=lambda: CUBE().take(np.repeat(np.arange(480), 3)),
        form=Form(fields=GATHERS),
        refused="pre-stack",
    ),
    "bytes-after-the-last-trace": Variant(put_tail(noise(100).tobytes()), refused="--salvage"),
    "unequal-lengths": Variant(shorten_every(7), refused="length"),
    "unequal-lengths-that-add-up": Variant(shorten_every(2), refused="trace"),
    "no-trace": Variant(keep_no_trace, refused="no trace"),
    "no-format": Variant(put(3225, 0), form=IEEE, refused="3225"),
    "fixed-point-with-gain": Variant(put(3225, 4), form=IEEE, refused="fixed point"),
    "24-bit": Variant(put(3225, 7), form=IEEE, refused="24-bit"),
    "24-bit-unsigned": Variant(put(3225, 15), form=IEEE, refused="24-bit"),
}

VARIANTS = COMPARED | FORMATS | REVISIONS | SAMPLES | TRACES | OPTIONS | REFUSED
IDENTICAL = {name: variant for name, variant in VARIANTS.items() if not variant.refused}
"""Those that come back byte for byte, by name."""
