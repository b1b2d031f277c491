"""What is done to sound files, and what a doctor must say of it: the parts of its cases."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tests.segy_parts import (
    CUBE,
    Change,
    Content,
    Variant,
    put_text,
)
from tests.surveys import Form, Traces, grid_traces

IBM, IEEE, INT16, INT32 = (Form(code=code) for code in (1, 5, 3, 2))


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
