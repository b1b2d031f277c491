"""The score that early stopping goes by: average precision on validation examples."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.augment import normalize
from models.earth.example import make_example
from models.metrics import average_precision
from tasks.synthesize import ExampleRecipe

Samples = NDArray[np.float32]


class Validation:
    """Examples of a recipe, made once and held in memory.

    Parameters
    ----------
    recipe
        Its seed is one of its own; sides are multiples of the network's stride.
    """

    def __init__(self, recipe: ExampleRecipe) -> None:
        examples = [
            make_example(recipe.seed, index, size=recipe.size, preset=recipe.preset)
            for index in range(recipe.count)
        ]
        self._amplitude = np.stack([normalize(each.amplitude) for each in examples])
        self._label = np.stack([each.fault_label for each in examples])

    def score(self, predict: Callable[[Samples], Samples]) -> float:
        """Return the average precision of what ``predict`` makes of a batch, over all samples."""
        return average_precision(predict(self._amplitude), self._label)
