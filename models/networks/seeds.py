"""First weights that follow from a seed, whatever other threads draw meanwhile.

Keras takes the seeds of first weights from Python's own generator, which the threads of a running flow draw
from too: the same seed would seldom give the same network there.
"""

import random
from collections.abc import Callable
from contextvars import ContextVar

import keras

_draws: ContextVar[random.Random | None] = ContextVar("draws", default=None)


def seeded(seed: int, build: Callable[[], keras.Model]) -> keras.Model:
    """Return what ``build`` makes, with first weights decided by the seed."""
    token = _draws.set(random.Random(seed))
    try:
        return build()
    finally:
        _draws.reset(token)


def first_weights() -> keras.initializers.Initializer:
    """Return what draws the first weights of one layer; at random where nothing is `seeded`."""
    draws = _draws.get()
    return keras.initializers.GlorotUniform(draws and draws.randint(1, 10**9))
