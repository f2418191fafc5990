"""When training ends before its last epoch."""

from collections.abc import Sequence
from itertools import pairwise


def ends(loss: Sequence[float], since: int, patience: int) -> bool:
    """Return whether training ends after the epochs so far.

    It does ``patience`` epochs after the best, and one earlier where the loss rose in each of them:
    what gets worse from epoch to epoch seldom comes back. Prechelt, Early Stopping - But When?
    (1998), has both as criteria; two rises are the fewest that count.

    Parameters
    ----------
    loss
        on left-out dates, of what was started from, if anything, and of each epoch
    since
        epochs since the best

    >>> ends([0.9, 1.0, 1.1, 1.2], since=3, patience=4)
    True
    >>> ends([0.9, 1.0, 1.2, 1.1], since=3, patience=4)
    False
    """
    rises = max(2, patience - 1)
    last = loss[-rises - 1 :]
    rose = len(last) > rises and all(former < later for former, later in pairwise(last))
    return rose or since >= patience
