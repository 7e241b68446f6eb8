"""Edit distance: how far strings are from what they should be."""

import keras
import numpy as np
from keras import ops

from kerasgen.metrics.label import ratio


def edit_distance(truth, answer):
    """Counts the least insertions, deletions and exchanges between two.

    Args:
        truth: sequence of what can be compared.
        answer: another.

    Returns:
        int.

    Source:
        Levenshtein, 1966; the table of Wagner & Fischer, 1974,
        doi:10.1145/321796.321811, row by row.

    Example:
        >>> edit_distance("kitten", "sitting")
        3
    """
    truth = np.asarray(list(truth), object)
    steps = np.arange(len(truth) + 1)
    row = steps.copy()
    for place, each in enumerate(answer, 1):
        other = np.array([each != one for one in truth], "int64")
        best = np.minimum(row[1:] + 1, row[:-1] + other)
        best = np.concatenate([[place], best])
        # An entry comes from the left, too: the least of best[j'] + j - j'.
        row = np.minimum.accumulate(best - steps) + steps
    return int(row[-1])


def edit_distances(truth, answer):
    """Counts the same for each of a batch, in the graph.

    Args:
        truth: int tensor (batch, n), -1 behind a string's end.
        answer: int tensor (batch, m), likewise.

    Returns:
        int32 tensor (batch,).

    Example:
        >>> truth = ops.array([[1, 2, 3], [1, -1, -1]])
        >>> [int(d) for d in edit_distances(truth, ops.array([[1, 3], [2, 2]]))]
        [1, 2]
    """
    truth, answer = ops.cast(truth, "int32"), ops.cast(answer, "int32")
    steps = ops.arange(truth.shape[1] + 1, dtype="int32")
    row = ops.zeros_like(truth[:, :1]) + steps[None]

    def turn(place, row):
        each = ops.take(answer, place, 1)[:, None]
        other = ops.cast(ops.not_equal(truth, each), "int32")
        best = ops.minimum(row[:, 1:] + 1, row[:, :-1] + other)
        best = ops.concatenate([row[:, :1] + 1, best], 1) - steps
        found = ops.associative_scan(ops.minimum, best, axis=1)
        # In a graph the scan forgets its shape.
        found = ops.reshape(found, ops.shape(row)) + steps
        return ops.where(each >= 0, found, row)

    row = ops.fori_loop(0, answer.shape[1], turn, row)
    lengths = ops.sum(ops.cast(truth >= 0, "int32"), 1, keepdims=True)
    return ops.take_along_axis(row, lengths, 1)[:, 0]


def best_symbols(logits):
    """Reads the likeliest symbol of each frame, without repeats and blanks.

    Args:
        logits: float (batch, frames, symbols + 1); the last is the blank.

    Returns:
        int32 tensor (batch, frames), -1 behind a string's end.

    Source:
        Graves et al., 2006, section 3.2 (best path decoding).

    Example:
        >>> logits = ops.one_hot(ops.array([[0, 0, 2, 0, 1, 1]]), 3)
        >>> ops.convert_to_numpy(best_symbols(logits)).tolist()
        [[0, 0, 1, -1, -1, -1]]
    """
    blank, frames = logits.shape[-1] - 1, logits.shape[1]
    best = ops.cast(ops.argmax(logits, -1), "int32")
    before = ops.pad(best[:, :-1], [[0, 0], [1, 0]], constant_values=-1)
    kept = ops.logical_and(best != blank, best != before)
    # Frames that are kept move to the front, in order.
    order = ops.where(kept, 0, frames) + ops.arange(frames)[None]
    order = ops.argsort(order, axis=1)
    found = ops.take_along_axis(ops.where(kept, best, -1), order, 1)
    return ops.cast(found, "int32")


@keras.saving.register_keras_serializable("kerasgen.metric")
class SymbolErrorRate(keras.metrics.Metric):
    """Edits over symbols, of the best path: the sum over all strings.

    Args:
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> metric = SymbolErrorRate()
        >>> logits = ops.one_hot(ops.array([[0, 2, 1]]), 3)
        >>> metric.update_state(ops.array([[0, 0]]), logits)
        >>> float(metric.result())
        0.5
    """

    def __init__(self, name="symbol_error_rate", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._direction = "down"
        self._sums = self.add_variable((2,), initializer="zeros", name="sums")

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts a batch.

        Args:
            y_true: whole numbers (batch, length), -1 behind the end.
            y_pred: float (batch, frames, symbols + 1), logits.
            sample_weight: float (batch,), or None.
        """
        y = ops.cast(y_true, "int32")
        edits = edit_distances(y, best_symbols(y_pred))
        lengths = ops.sum(ops.cast(y >= 0, "int32"), 1)
        each = ops.cast(ops.stack([edits, lengths]), "float32")
        if sample_weight is not None:
            each = each * ops.reshape(ops.cast(sample_weight, "float32"), (-1,))
        self._sums.assign_add(ops.cast(ops.sum(each, 1), self.dtype))

    def result(self):
        """Gives the rate of all batches since the last reset."""
        return ratio(self._sums[0], self._sums[1])

    def reset_state(self):
        """Forgets all batches."""
        self._sums.assign(ops.zeros((2,)))

    def get_config(self):
        """Gives the metric's arguments."""
        return {"name": self.name, "dtype": self.dtype}
