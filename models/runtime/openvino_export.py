"""An ONNX model in OpenVINO's own format, as it is or rounded to int8."""

import io
import logging
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import openvino
from numpy.typing import NDArray

from models.networks.onnx_export import SHUFFLE
from models.runtime.carded import AMPLITUDE


def write_openvino(
    onnx: bytes, out: Path, calibration: Sequence[NDArray[np.float32]] | None = None
) -> dict[str, str]:
    """Write an ``.xml`` with its ``.bin``.

    Parameters
    ----------
    onnx
        A model from `models.networks.onnx_export`.
    out
        The ``.xml`` file.
    calibration
        Normalized amplitudes, (n0, n1, n2) each: weights and activations are rounded to int8, the ranges
        of the activations taken from what these give. None: float32.

    Returns
    -------
    dict
        Versions of the libraries that wrote it.
    """
    model = openvino.Core().read_model(onnx)
    versions = {"openvino": openvino.__version__.split("-")[0]}
    if calibration is not None:
        model, versions["nncf"] = _rounded(model, calibration)
    openvino.save_model(model, out, compress_to_fp16=False)
    return versions


def _rounded(
    model: openvino.Model, calibration: Sequence[NDArray[np.float32]]
) -> tuple[openvino.Model, str]:
    """Return the model in int8, and the version of the library that rounded it."""
    import nncf

    nncf.set_log_level(logging.ERROR)
    feed = [{AMPLITUDE: samples[None, None]} for samples in calibration]
    with redirect_stdout(io.StringIO()):  # its bars
        rounded = nncf.quantize(
            model,
            nncf.Dataset(feed),
            subset_size=len(feed),
            # What only moves samples loses by rounding and gains nothing.
            ignored_scope=nncf.IgnoredScope(patterns=[f"{SHUFFLE}/.*"]),
        )
    return rounded, str(nncf.__version__)
