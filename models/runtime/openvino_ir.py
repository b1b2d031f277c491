"""A network in OpenVINO's own format, float32 or int8, run by OpenVINO on the processor."""

from pathlib import Path
from threading import local

import numpy as np
import openvino
import openvino.opset13 as ops
from numpy.typing import NDArray

from models.calibration import Calibration
from models.errors import WeightsError
from models.networks.card import read_card
from models.runtime.carded import LOGITS, CardedRuntime


class OpenvinoGraph(CardedRuntime):
    """An ``.xml`` file of ours with its ``.bin``; see `models.runtime.protocol.Runtime`.

    Parameters
    ----------
    weights
        The ``.xml`` file, with the card beside it.
    threads
        Threads of this process that OpenVINO may use.

    Raises
    ------
    WeightsError
        If the files or the card cannot be used.
    """

    def __init__(self, weights: Path, *, threads: int) -> None:
        card = read_card(weights)
        super().__init__(card)
        self._core = openvino.Core()
        self._options = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            # Every worker process would pin its threads to the same first cores.
            "ENABLE_CPU_PINNING": False,
            # Processors with bfloat16 would take it unasked, and answers would differ between machines.
            "INFERENCE_PRECISION_HINT": "f32",
        }
        self._weights = weights
        self._compiled: dict[Calibration | None, openvino.CompiledModel] = {
            self.calibration: self._compile(self.calibration)
        }
        self._requests = local()  # of each thread's own: a request serves one caller at a time
        version = openvino.__version__.split("-")[0]
        self.name = f"openvino {version} {card.export.get('precision', 'float32')}"

    def _compile(self, calibration: Calibration | None) -> openvino.CompiledModel:
        """Compile what gives calibrated probabilities, or the logits: nothing else is computed.

        Calibrated within the graph, on all threads of the network.
        """
        try:
            model = self._core.read_model(self._weights)
            found = model.output(LOGITS).node.input_value(0)  # what the model's result hands on
            if calibration is not None:
                slope, offset = np.float32(calibration.slope), np.float32(calibration.offset)
                scaled = ops.multiply(found, ops.constant(slope))
                found = ops.sigmoid(ops.add(scaled, ops.constant(offset))).output(0)
            part = openvino.Model([found], model.get_parameters())
            return self._core.compile_model(part, "CPU", self._options)
        except RuntimeError as error:
            raise WeightsError(
                str(self._weights),
                f"OpenVINO cannot load it ({str(error).strip().splitlines()[-1].strip()})",
                "Make it anew with graben convert-weights.",
            ) from None

    def _logits(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._run(samples, None)

    def _probability(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._run(samples, self.calibration)

    def _run(
        self, samples: NDArray[np.float32], calibration: Calibration | None
    ) -> NDArray[np.float32]:
        if calibration not in self._compiled:
            self._compiled[calibration] = self._compile(calibration)
        known = getattr(self._requests, "of", None)
        if known is None or known[0] != calibration:
            known = calibration, self._compiled[calibration].create_infer_request()
            self._requests.of = known
        found = known[1].infer([samples[None, None]])[0]
        return np.asarray(found[0, 0], dtype=np.float32)
