"""A network in OpenVINO's own format, float32 or int8, run by OpenVINO on the processor."""

from pathlib import Path
from threading import local

import numpy as np
import openvino
from numpy.typing import NDArray

from models.errors import WeightsError
from models.networks.card import read_card
from models.runtime.carded import PROBABILITY, CardedRuntime


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
        self._compiled = {PROBABILITY: self._compile(PROBABILITY)}
        self._requests = local()  # one of each thread's own: a request serves one caller at a time
        version = openvino.__version__.split("-")[0]
        self.name = f"openvino {version} {card.export.get('precision', 'float32')}"

    def _compile(self, output: str) -> openvino.CompiledModel:
        """Compile one output, so that nothing is computed for the other."""
        try:
            model = self._core.read_model(self._weights)
            part = openvino.Model([model.output(output)], model.get_parameters())
            return self._core.compile_model(part, "CPU", self._options)
        except RuntimeError as error:
            raise WeightsError(
                str(self._weights),
                f"OpenVINO cannot load it ({str(error).strip().splitlines()[-1].strip()})",
                "Make it anew with graben convert-weights.",
            ) from None

    def _run(self, samples: NDArray[np.float32], output: str) -> NDArray[np.float32]:
        if output not in self._compiled:
            self._compiled[output] = self._compile(output)
        request = getattr(self._requests, output, None)
        if request is None:
            request = self._compiled[output].create_infer_request()
            setattr(self._requests, output, request)
        found = request.infer([samples[None, None]])[0]
        return np.asarray(found[0, 0], dtype=np.float32)
