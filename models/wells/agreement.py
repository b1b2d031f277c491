"""Whether two judges put plans in the same order."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

FEWEST = 3
"""Fewer plans have no order to speak of."""


def rank_agreement(ours: ArrayLike, theirs: ArrayLike) -> float | None:
    """Return Spearman's correlation of ranks: 1 the same order, -1 the opposite one.

    Equal figures share their mean rank (Spearman, American Journal of Psychology 15, 1904).

    Parameters
    ----------
    ours, theirs
        A figure for each plan, shape (plans,).

    Returns
    -------
    float or None
        None for fewer than three plans, or where one of the two finds all alike.
    """
    if np.size(ours) < FEWEST:
        return None
    ranks = np.array([rankdata(ours), rankdata(theirs)])
    apart = ranks - ranks.mean(axis=1, keepdims=True)
    spread = np.sqrt((apart**2).sum(axis=1))
    if not (spread > 0).all():
        return None
    return round(float(apart[0] @ apart[1] / spread.prod()), 12)
