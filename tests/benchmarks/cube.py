"""The cube that conversions are timed on: dipping, faulted layers under noise, as IBM floats.

As hard to compress as a real post-stack cube: lossless codecs save some 15 % of it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.surveys import to_ibm

SHAPE = (500, 500, 501)
"""Inlines, crosslines, samples: 561 MB."""

INTERVAL_US = 4000
PEAK_HZ = 28.0
BIN_M, AZIMUTH = 25.0, np.deg2rad(23.5)
FAULTS = ((90, 0.25, 14), (230, -0.4, -9), (360, 0.1, 22), (470, 0.6, 7))
"""Crossline at inline 250, crosslines per inline, throw in samples."""

PAD = 200
HALF_WAVELET = 25
BAND_NOISE, WHITE_NOISE, GAIN = 0.012, 0.0004, 12_000.0

BINARY_HEADER = {
    3213: ">i2",
    3217: ">i2",
    3221: ">i2",
    3225: ">i2",
    3229: ">i2",
    3255: ">i2",
    3501: ">u2",
    3503: ">i2",
}
LONG = (1, 5, 9, 21, 73, 77, 181, 185, 189, 193)
SHORT = (29, 71, 115, 117)
TRACE_HEADER = dict.fromkeys(LONG, ">i4") | dict.fromkeys(SHORT, ">i2")


def cube_bytes(shape: tuple[int, int, int]) -> int:
    """Return the size of the file."""
    return 3600 + shape[0] * shape[1] * (240 + 4 * shape[2])


def write_cube(path: Path, shape: tuple[int, int, int], seed: int = 7) -> None:
    """Write the cube inline by inline; the file takes its name when it is whole."""
    n_inline, n_crossline, samples = shape
    random = np.random.default_rng(seed)
    column = random.laplace(0.0, 0.06, samples + 2 * PAD)
    length = 1 << (samples + 2 * (2 * HALF_WAVELET + 1) - 1).bit_length()
    wavelet = np.fft.rfft(_ricker(), length)
    record = np.dtype([("header", "u1", 240), ("samples", ">u4", samples)])
    crossline = np.arange(n_crossline)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(_file_header(samples))
        for inline in range(n_inline):
            layers = _reflectivity(column, inline, crossline, samples)
            noise = random.standard_normal((n_crossline, samples))
            spectrum = np.fft.rfft(layers, length) * wavelet
            spectrum += BAND_NOISE * np.fft.rfft(noise, length) * np.abs(wavelet)
            traces = np.fft.irfft(spectrum, length)[:, HALF_WAVELET : HALF_WAVELET + samples]
            traces += WHITE_NOISE * random.standard_normal(traces.shape)
            line = np.empty(n_crossline, record)
            line["header"] = _trace_headers(inline, crossline, samples)
            line["samples"] = to_ibm(GAIN * traces)
            file.write(line.tobytes())
    part.replace(path)


def _ricker() -> NDArray[np.float64]:
    times = np.arange(-HALF_WAVELET, HALF_WAVELET + 1) * INTERVAL_US * 1e-6
    squared = (np.pi * PEAK_HZ * times) ** 2
    return np.asarray((1 - 2 * squared) * np.exp(-squared))


def _reflectivity(
    column: NDArray[np.float64], inline: int, crossline: NDArray[np.int64], samples: int
) -> NDArray[np.float64]:
    """Look the one column up where dip, folds and faults of an inline put its layers."""
    sample, across = np.arange(samples)[None, :], crossline[:, None]
    where = PAD + sample + 0.06 * across - 0.04 * inline
    where = where + 12 * np.sin(inline / 70 + across / 110) + 6e-5 * sample * (across - 250)
    for at, slope, throw in FAULTS:
        plane = at + slope * (inline - 250) + 0.25 * (sample - 250)
        where += throw * (across > plane)
    where = np.clip(where, 0, len(column) - 2)
    above = where.astype(np.int64)
    return np.asarray(
        column[above] + (where - above) * (column[above + 1] - column[above]), np.float64
    )


def _file_header(samples: int) -> bytes:
    """Return text and binary header of revision 1."""
    lines = [
        "CLIENT SYNTHETIC  POST-STACK 3D TIME MIGRATED",
        "INLINE 189-192  CROSSLINE 193-196",
        "CDP X 181-184  CDP Y 185-188  SCALAR 71-72",
        *[""] * 36,
        "END TEXTUAL HEADER",
    ]
    text = "".join(f"C{number:2d} {line:76s}" for number, line in enumerate(lines, 1))
    values = (1, INTERVAL_US, samples, 1, 4, 1, 0x0100, 1)
    binary = np.zeros(1, _fields(BINARY_HEADER, 3201, 400))
    for byte, value in zip(BINARY_HEADER, values, strict=True):
        binary[str(byte)] = value
    return text.encode("cp037") + binary.tobytes()


def _trace_headers(inline: int, crossline: NDArray[np.int64], samples: int) -> NDArray[np.uint8]:
    """Return the headers of an inline, shape (n_crossline, 240)."""
    number = inline * len(crossline) + crossline + 1
    x = 605_000 + BIN_M * (crossline * np.cos(AZIMUTH) - inline * np.sin(AZIMUTH))
    y = 6_073_000 + BIN_M * (crossline * np.sin(AZIMUTH) + inline * np.cos(AZIMUTH))
    centimetres = np.rint(100 * x), np.rint(100 * y)
    values: dict[int, Any] = {1: number, 5: number, 9: 1000 + inline, 21: 2000 + crossline}
    values |= {29: 1, 71: -100, 115: samples, 117: INTERVAL_US}
    values |= dict(zip((73, 77, 181, 185), centimetres * 2, strict=True))
    values |= {189: 1000 + inline, 193: 2000 + crossline}
    headers = np.zeros(len(crossline), _fields(TRACE_HEADER, 1, 240))
    for byte, value in values.items():
        headers[str(byte)] = value
    return headers.view(np.uint8).reshape(len(crossline), 240)


def _fields(types: Mapping[int, str], first: int, size: int) -> np.dtype[np.void]:
    """Return a header as a structured type; its fields are named by their first byte."""
    return np.dtype(
        {
            "names": [str(byte) for byte in types],
            "formats": list(types.values()),
            "offsets": [byte - first for byte in types],
            "itemsize": size,
        }
    )
