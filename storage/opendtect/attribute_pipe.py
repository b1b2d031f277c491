"""The pipe of OpendTect's external attributes: what it sends to a script, and what it takes back.

::

    -> 11 numbers, once
    -> a request: 4 numbers, the samples of all inputs     <- the samples of all outputs
    ... until it is killed

Numbers are 32 bits in the machine's own order. What is undefined comes as 0; what is not finite goes back as
undefined.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from storage.errors import InputError

_HEAD = struct.Struct("=5i5fi")
_REQUEST = struct.Struct("=4i")

MOST_SAMPLES = 1 << 28
"""Of one request: more is no request."""

MEND = "It is started by OpendTect's External Attribute, which writes to it."


@dataclass(frozen=True, slots=True)
class PipeHead:
    """What is said once.

    Attributes
    ----------
    traces
        Of every request, and input.
    inputs, outputs
        How many of each.
    inlines, crosslines
        Traces of a request along both: 2 x stepout + 1.
    z_step
        Seconds, or units of depth.
    """

    traces: int
    inputs: int
    outputs: int
    inlines: int
    crosslines: int
    z_step: float


@dataclass(frozen=True, slots=True)
class Request:
    """A trace that is asked for.

    Attributes
    ----------
    first
        Number of its first sample: its Z over the step.
    inline, crossline
        Line numbers.
    samples
        float32, (inputs, inlines, crosslines, samples): the trace is the middle one.
    """

    first: int
    inline: int
    crossline: int
    samples: NDArray[np.float32]


def read_head(pipe: BinaryIO) -> PipeHead | None:
    """Return the head; None where the pipe was closed before.

    Raises
    ------
    InputError
        If it makes no sense.
    """
    data = pipe.read(_HEAD.size)
    if len(data) < _HEAD.size:
        return None
    traces, inputs, outputs, inlines, crosslines, z_step, *_ = _HEAD.unpack(data)
    counts = (traces, inputs, outputs, inlines, crosslines)
    if not (
        all(0 < n < 1 << 16 for n in counts) and traces == inlines * crosslines and z_step > 0
    ):
        raise InputError("standard input", f"it begins with {counts} and {z_step:g}", MEND)
    return PipeHead(traces, inputs, outputs, inlines, crosslines, z_step)


def read_request(pipe: BinaryIO, head: PipeHead) -> Request | None:
    """Return the next request; None where the pipe is closed.

    Raises
    ------
    InputError
        If it makes no sense.
    """
    data = pipe.read(_REQUEST.size)
    if len(data) < _REQUEST.size:
        return None
    count, first, inline, crossline = _REQUEST.unpack(data)
    shape = head.inputs, head.inlines, head.crosslines, count
    size = int(np.prod(shape, dtype=np.int64))
    if not 0 < count <= MOST_SAMPLES or size > MOST_SAMPLES:
        raise InputError("standard input", f"{count} samples are asked for", MEND)
    samples = pipe.read(4 * size)
    if len(samples) < 4 * size:
        return None
    return Request(first, inline, crossline, np.frombuffer(samples, np.float32).reshape(shape))


def write_answer(pipe: BinaryIO, head: PipeHead, trace: NDArray[np.float32]) -> None:
    """Answer a request with one trace, which all outputs get."""
    answer = np.broadcast_to(np.asarray(trace, np.float32), (head.outputs, trace.size))
    pipe.write(np.ascontiguousarray(answer).tobytes())
    pipe.flush()
