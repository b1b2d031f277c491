"""Networks as one runtime for volumes or for lines: what each sees, in several passes, put together.

::

    block of a volume -> network of volumes ------------------------> mean of passes --+
                      -> network of sections, along both laterals --> mean of passes --+-> mean of logits
    block of a line   -> network of volumes, the line repeated -----> mean of passes --+   -> calibration
                      -> network of sections -----------------------> mean of passes --+
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models.averaging import ONE_PASS, Averaging, averaged
from models.calibration import CLIP, UNCHANGED, Calibration
from models.runtime.protocol import Lateral, Runtime
from models.tiles import missing_axis

Samples = NDArray[np.float32]

EXTRUSION = 24
"""Crosslines of a line that a network of volumes sees, as in training."""

SECTION_BYTES = 16
"""What a network of sections adds to the memory of a volume's block, for each sample of it: it sees one
section after another."""


@dataclass(frozen=True, slots=True)
class Context:
    """What of a network decides the blocks it needs.

    Attributes
    ----------
    stride, halo, sections, bytes_per_sample
        As in `models.runtime.protocol.Runtime`.
    averaging
        Its passes.
    """

    stride: int
    halo: int
    sections: bool
    bytes_per_sample: int
    averaging: Averaging = ONE_PASS


def context_of(members: Sequence[Context], *, line: bool) -> Context:
    """Return what several networks need together: stride, halo, memory."""
    stride = lcm(*(each.averaging.stride(each.stride) for each in members))
    halo = max(each.halo for each in members)
    memory = max(_memory(each, line) for each in members)
    return Context(stride, halo + -halo % stride, False, memory)


def _memory(member: Context, line: bool) -> int:
    """Return the bytes for each sample of a block that a network takes in its largest pass."""
    if member.sections and not line:
        return SECTION_BYTES
    width = EXTRUSION if line and not member.sections else 1
    return int(member.bytes_per_sample * width * member.averaging.largest(1 if line else 2))


def cost_of(members: Sequence[Context], *, line: bool) -> float:
    """Return the samples that networks predict for each sample of a block, all passes together."""
    total = 0.0
    for member in members:
        lateral_axes = 1 if line or member.sections else 2
        both = 1 if line else 2  # along inlines, along crosslines
        repeated = EXTRUSION if line else 1
        times = both if member.sections else repeated
        total += times * member.averaging.cost(lateral_axes)
    return total


class Ensemble:
    """Networks loaded for prediction together; see `models.runtime.protocol.Runtime`.

    Parameters
    ----------
    members
        Networks, each with the passes it makes.
    calibration
        Of the mean of their logits.
    """

    sections = False

    def __init__(
        self,
        members: Sequence[tuple[Runtime, Averaging]],
        calibration: Calibration = UNCHANGED,
        *,
        line: bool,
    ) -> None:
        self.members, self.calibration = members, calibration
        contexts = [
            Context(each.stride, each.halo, each.sections, each.bytes_per_sample, averaging)
            for each, averaging in members
        ]
        needed = context_of(contexts, line=line)
        self.stride, self.halo = needed.stride, needed.halo
        self.bytes_per_sample = needed.bytes_per_sample
        self.name = " + ".join(dict.fromkeys(each.name for each, _ in members))

    def predict(self, amplitude: Samples, core: Lateral | None = None) -> Samples:
        """Return calibrated fault probabilities 0..1.

        Parameters
        ----------
        amplitude
            Normalized, float32, three axes, each a multiple of ``stride``; in a line one lateral axis of
            one trace.
        core
            The part that is kept: networks of sections look at no others; None: all of it.
        """
        core = core or (slice(0, amplitude.shape[0]), slice(0, amplitude.shape[1]))
        found = [self._mean(amplitude, core, *member) for member in self.members]
        if len(found) == 1 and self.calibration == UNCHANGED:
            return found[0]
        clipped = [np.clip(each, CLIP, 1 - CLIP) for each in found]
        logits = np.mean([special.logit(each) for each in clipped], axis=0)
        return self.calibration.of_logits(np.asarray(logits, dtype=np.float32))

    def _mean(
        self, amplitude: Samples, core: Lateral, runtime: Runtime, averaging: Averaging
    ) -> Samples:
        """Return the mean over the passes of one network."""
        if missing_axis(amplitude.shape) == 0:
            turned = np.ascontiguousarray(amplitude.swapaxes(0, 1))
            return self._mean(turned, core[::-1], runtime, averaging).swapaxes(0, 1)
        if not runtime.sections:
            if amplitude.shape[1] == 1:
                return averaged(lambda block: _extruded(runtime, block), amplitude, averaging)
            return averaged(runtime.predict, amplitude, averaging)
        along = _sections(amplitude, core[1], runtime, averaging)
        if amplitude.shape[1] == 1:
            return along
        turned = np.ascontiguousarray(amplitude.swapaxes(0, 1))
        across = _sections(turned, core[0], runtime, averaging).swapaxes(0, 1)
        return (along + across) / np.float32(2)


def _sections(
    amplitude: Samples, crosslines: slice, runtime: Runtime, averaging: Averaging
) -> Samples:
    """Return what a network sees in each of some crosslines, zeros elsewhere."""
    found = np.zeros_like(amplitude)
    for crossline in range(crosslines.start, crosslines.stop):
        one = np.ascontiguousarray(amplitude[:, crossline : crossline + 1])
        found[:, crossline : crossline + 1] = averaged(runtime.predict, one, averaging)
    return found


def _extruded(runtime: Runtime, line: Samples) -> Samples:
    """Return what a network of volumes sees in a line, repeated along its missing axis."""
    width = EXTRUSION + -EXTRUSION % runtime.stride
    wide = np.repeat(line, width, axis=1)
    return np.ascontiguousarray(runtime.predict(wide)[:, width // 2 : width // 2 + 1])
