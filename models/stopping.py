"""Early stopping: the best weights so far, by their score on validation examples."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Weights = list[NDArray[np.generic]]
State = dict[str, NDArray[np.generic]]


@dataclass(slots=True)
class Best:
    """The best weights that were seen, and how often no better ones have come since.

    Attributes
    ----------
    patience
        Checks without a better score after which it is enough.
    score, step
        Of the best weights.
    waited
        Checks since them.
    weights
        The best weights; none before the first check.
    """

    patience: int
    score: float = -math.inf
    step: int = 0
    waited: int = 0
    weights: Weights = field(default_factory=list)

    def offer(self, step: int, score: float, weights: Weights) -> None:
        """Take weights over if they are better than all before."""
        if score > self.score:
            self.score, self.step, self.waited, self.weights = score, step, 0, weights
        else:
            self.waited += 1

    @property
    def enough(self) -> bool:
        """Whether to stop."""
        return self.waited >= self.patience

    def state(self) -> State:
        """Return everything that `restore` needs to go on exactly."""
        numbers = np.asarray([self.score, self.step, self.waited])
        state: State = {"best": numbers}
        return state | {f"best_{i}": each for i, each in enumerate(self.weights)}

    def restore(self, state: State) -> None:
        """Take over a state; one without early stopping leaves nothing behind."""
        if "best" not in state:
            return
        score, step, waited = (float(each) for each in state["best"])
        self.score, self.step, self.waited = score, int(step), int(waited)
        count = sum(name.startswith("best_") for name in state)
        self.weights = [state[f"best_{number}"] for number in range(count)]
