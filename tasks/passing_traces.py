"""Faults in traces that pass by one after the other, where nothing else can be seen."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from storage.opendtect.attribute_pipe import Request
from tasks.ensemble import FaultNetworks
from tasks.section import predict_picture

Trace = NDArray[np.float32]

REMEMBERED = 64
"""Traces of a line: the networks look no farther to one side."""


@dataclass
class PassingTraces:
    """What can be seen in the traces of the pipe alone: the stepout, or those that came before on a line."""

    networks: FaultNetworks
    threads: int
    before: deque[tuple[int, int, int, Trace]] = field(
        default_factory=lambda: deque(maxlen=REMEMBERED)
    )

    def answer(self, request: Request) -> Trace:
        """Return the probabilities of the trace that is asked for."""
        block = request.samples[0]
        middle = block.shape[0] // 2, block.shape[1] // 2
        if block.shape[1] > 1:
            section, at = block[middle[0]], middle[1]
        elif block.shape[0] > 1:
            section, at = block[:, 0], middle[0]
        else:
            section = self._line(request, block[0, 0])
            at = len(section) - 1
        found = predict_picture(section.T, networks=self.networks, threads=self.threads)
        return np.ascontiguousarray(found[:, at])

    def _line(self, request: Request, trace: Trace) -> NDArray[np.float32]:
        """Return the traces that came before on the same line, and this one at the end."""
        if self.before:
            inline, crossline, first, last = self.before[-1]
            same = request.inline == inline or request.crossline == crossline
            if not same or first != request.first or last.size != trace.size:
                self.before.clear()
        self.before.append((request.inline, request.crossline, request.first, trace))
        return np.stack([each for *_, each in self.before])
