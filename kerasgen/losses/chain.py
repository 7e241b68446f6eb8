"""Linear chains: what potentials of neighbouring tags amount to.

Potentials (batch, time, tags, tags) hold at [:, t, i, j] what tag j at step t
adds to the score of a sequence whose tag before is i. Of the first step the
row of tag 0 counts. A step that isn't there is the identity: 0 where the tag
stays, and no path elsewhere. So all that a chain knows, its length included,
is in its potentials.
"""

import keras
import numpy as np
from keras import ops

# No path: less than any sum of potentials.
NO_PATH = -1e9
_FORBIDDEN = -1e6


def absent_steps(potentials):
    """Tells which steps aren't there.

    Args:
        potentials: float tensor (..., tags, tags).

    Returns:
        bool tensor (...).

    Example:
        >>> steps = ops.stack([ops.zeros((2, 2)), NO_PATH * (1 - ops.eye(2))])
        >>> absent_steps(steps).numpy().tolist()
        [False, True]
    """
    return potentials[..., 0, 1] < NO_PATH / 2


def log_partition(potentials):
    """Sums the exponentials of the scores of all sequences, as a logarithm.

    Args:
        potentials: float tensor (batch, time, tags, tags).

    Returns:
        float32 tensor (batch,).

    Source:
        Lafferty et al., "Conditional Random Fields", 2001, section 3: the
        forward recursion, in logarithms.

    Example:
        >>> float(log_partition(ops.zeros((1, 3, 2, 2)))[0])  # log 2 ** 3
        2.07...
    """
    moves = _by_time(_shortened(potentials))
    last, _ = ops.scan(_forward, _origin(moves), moves)
    return _log_sum(last, -1)


def chain_marginals(potentials):
    """Gives the probability of each tag at each step.

    Args:
        potentials: float tensor (batch, time, tags, tags).

    Returns:
        float32 tensor (batch, time, tags); a step that isn't there has those
        of the step before it.

    Source:
        Rabiner, "A Tutorial on Hidden Markov Models", 1989, section III.B:
        forward and backward, in logarithms.

    Example:
        >>> chain_marginals(ops.zeros((1, 1, 2, 2))).numpy().tolist()
        [[[0.5, 0.5]]]
    """
    moves = _by_time(potentials)
    origin = _origin(moves)
    _, forward = ops.scan(_forward, origin, moves)

    def back(later, move):
        return _log_sum(move + later[:, None, :], 2), later

    _, backward = ops.scan(back, ops.zeros_like(origin), moves, reverse=True)
    return ops.transpose(ops.softmax(forward + backward, -1), (1, 0, 2))


def best_tags(potentials):
    """Finds the sequence of the greatest score.

    Args:
        potentials: float tensor (batch, time, tags, tags).

    Returns:
        int32 tensor (batch, time); -1 at a step that isn't there.

    Source:
        Viterbi, "Error Bounds for Convolutional Codes", 1967.

    Example:
        >>> found = ops.reshape([[[0.0, 1.0]] * 2, [[0.0, 0.0], [3.0, 0.0]]],
        ...                     (1, 2, 2, 2))
        >>> best_tags(found).numpy().tolist()
        [[1, 0]]
    """
    moves = _by_time(_shortened(potentials))
    origin = _origin(moves)

    def ahead(scores, move):
        scores = ops.max(scores[:, :, None] + move, 1)
        return scores, scores

    last, scores = ops.scan(ahead, origin, moves)
    before = ops.concatenate([origin[None], scores[:-1]], 0)
    # The best tag before each, of all steps at once.
    came = ops.cast(ops.argmax(before[..., None] + moves, 2), "int32")

    def back(tag, came):
        return ops.take_along_axis(came, tag[:, None], 1)[:, 0], tag

    tag = ops.cast(ops.argmax(last, -1), "int32")
    _, tags = ops.scan(back, tag, came, reverse=True)
    tags = ops.transpose(tags)
    batch, time = ops.shape(potentials)[0], ops.shape(potentials)[1]
    rest = ops.full((batch, time - ops.shape(tags)[1]), -1, "int32")
    tags = ops.reshape(ops.concatenate([tags, rest], 1), (batch, time))
    return ops.where(absent_steps(potentials), -1, tags)


def chained(logits):
    """Writes logits of steps that stand alone as a chain's potentials.

    Args:
        logits: float tensor (batch, time, tags); a step that isn't there has
            no path but that of tag 0, as the layer `TagLogits` writes it.

    Returns:
        float32 tensor (batch, time, tags, tags).

    Example:
        >>> chained(ops.zeros((1, 3, 2))).shape
        TensorShape([1, 3, 2, 2])
    """
    moves = ops.cast(logits, "float32")[:, :, None, :]
    stay = NO_PATH * (1.0 - ops.eye(logits.shape[-1]))
    return ops.where(
        absent_steps(moves)[..., None, None],
        stay,
        ops.broadcast_to(moves, (*ops.shape(moves)[:2], *stay.shape)),
    )


def constrained(potentials, forbidden):
    """Bars pairs of tags from following each other.

    Args:
        potentials: float tensor (batch, time, tags, tags).
        forbidden: list of pairs (i, j); (-1, j) bars j from the start, and
            (i, -1) bars i from the end.

    Returns:
        float tensor (batch, time, tags, tags).

    Example:
        >>> found = constrained(ops.zeros((1, 1, 2, 2)), [(-1, 1)])
        >>> best_tags(found).numpy().tolist()
        [[0]]
    """
    if not forbidden:
        return potentials
    tags = potentials.shape[-1]
    barred = np.zeros((tags + 1, tags + 1), "float32")
    for i, j in forbidden:
        barred[i, j] = _FORBIDDEN
    here = ops.cast(~absent_steps(potentials), "int32")
    count = ops.cumsum(here, 1)
    first = (here == 1) & (count == 1)
    last = (here == 1) & (count == ops.sum(here, 1, keepdims=True))
    added = ops.where(
        first[:, :, None, None],
        barred[-1, :tags][None, :],
        barred[:tags, :tags],
    )
    end = ops.where(last[..., None], barred[:tags, -1], 0.0)
    added = added + end[:, :, None, :]
    return potentials + ops.where((here == 1)[:, :, None, None], added, 0.0)


@keras.saving.register_keras_serializable("kerasgen.loss")
class ChainLikelihood(keras.losses.Loss):
    """Minus the log-likelihood of tags, given the potentials of a chain.

    A tag of -1 isn't known: all tags are summed over there, so that sentences
    that are tagged in part are learnt from as well.

    Args:
        name: str.
        reduction: str, as in Keras.
        dtype: str, as in Keras.

    Call:
        y_true: whole numbers (batch, time), -1 for none.
        y_pred: float tensor (batch, time, tags, tags), potentials.

    Source:
        Lafferty et al., 2001; of unknown tags: Tsuboi et al., "Training
        Conditional Random Fields Using Incomplete Annotations", 2008.

    Example:
        >>> loss = ChainLikelihood()
        >>> float(loss([[0, 1, -1]], ops.zeros((1, 3, 2, 2))))  # 2 log 2
        1.38...
    """

    def __init__(
        self,
        name="chain_likelihood",
        reduction="sum_over_batch_size",
        dtype=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true, y_pred):
        """Gives one number a sentence, in nats."""
        potentials = ops.cast(y_pred, "float32")
        y = ops.cast(y_true, "int32")
        free = (y < 0) | absent_steps(potentials)
        told = ops.one_hot(
            ops.maximum(y, 0), potentials.shape[-1], dtype="bool"
        )
        open_ = free[..., None] | told
        barred = ops.where(open_, 0.0, NO_PATH)[:, :, None, :]
        # Both sums in one pass over time.
        both = ops.concatenate([potentials, potentials + barred], 0)
        total, known = ops.split(log_partition(both), 2)
        return total - known


def _by_time(potentials):
    """(batch, time, ...) to float32 (time, batch, ...)."""
    return ops.transpose(ops.cast(potentials, "float32"), (1, 0, 2, 3))


def _shortened(potentials):
    """Without the steps that no chain of the batch has, at its end."""
    here = ops.any(~absent_steps(potentials), 0)
    place = ops.arange(1, ops.shape(potentials)[1] + 1)
    longest = ops.maximum(ops.max(ops.where(here, place, 0)), 1)
    return potentials[:, :longest]


def _origin(moves):
    """The scores before the first step: tag 0 stands for the beginning."""
    none = ops.full_like(moves[0, :, 0, 1:], NO_PATH)
    return ops.concatenate([ops.zeros_like(moves[0, :, 0, :1]), none], -1)


def _forward(scores, move):
    scores = _log_sum(scores[:, :, None] + move, 1)
    return scores, scores


def _log_sum(x, axis):
    """log sum exp, in fewer operations than Keras's own."""
    top = ops.stop_gradient(ops.max(x, axis, keepdims=True))
    total = ops.sum(ops.exp(x - top), axis)
    return ops.log(total) + ops.squeeze(top, axis)
