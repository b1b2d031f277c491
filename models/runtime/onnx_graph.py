"""A network in an ``.onnx`` file, run by ONNX Runtime on the processor."""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models.errors import WeightsError
from models.networks.card import read_card
from models.runtime.carded import AMPLITUDE, LOGITS, CardedRuntime


class OnnxGraph(CardedRuntime):
    """An ``.onnx`` file of ours; see `models.runtime.protocol.Runtime`.

    Parameters
    ----------
    weights
        The file, with its card beside it.
    threads
        Threads of this process that ONNX Runtime may use.

    Raises
    ------
    WeightsError
        If the file or its card cannot be used.
    """

    def __init__(self, weights: Path, *, threads: int) -> None:
        super().__init__(read_card(weights))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        # Threads that wait in a loop take the cores of other workers.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.use_deterministic_compute = True
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(weights), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its own classes, which it does not publish
            raise WeightsError(
                str(weights),
                f"ONNX Runtime cannot load it ({str(error).splitlines()[0]})",
                "Make it anew with graben convert-weights.",
            ) from None
        self.name = f"onnxruntime {onnxruntime.__version__} float32"

    def _logits(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        (found,) = self._session.run([LOGITS], {AMPLITUDE: samples[None, None]})
        return np.asarray(found[0, 0], dtype=np.float32)
