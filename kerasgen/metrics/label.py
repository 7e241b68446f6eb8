"""Metrics of labels: counts of truth and answer, and what they amount to."""

import numpy as np
from keras import ops

from kerasgen.core import Choice, Int
from kerasgen.metrics.base import OwnMetric, weights_of

AVERAGES = ("auto", "binary", "macro", "micro", "weighted")


class LabelMetric(OwnMetric):
    """A metric of logits, for whole-number labels or distributions.

    Labels outside of the classes, such as -1 of tokens and 255 of pixels that
    nobody labelled, don't count. A single logit is that of the second of two
    classes. Masks (batch, height, width) and tags (batch, time) count pixel
    by pixel and token by token.

    Args:
        classes: int, the number of classes; None reads it from the first
            batch.
        name: str; None takes the class's name.
        dtype: str, as in Keras.
        **values: the subclass's further arguments.
    """

    arguments = {"classes": Int(2)}
    asks = "label"
    unit = "share"

    def __init__(self, classes=None, **kwargs):
        super().__init__(classes=classes, **kwargs)
        self._width = None
        if classes is not None:
            self._begin(classes)

    def _begin(self, width):
        """Makes the counts, once the number of classes is known."""
        if self._width is None:
            self._width = width
            self._counts = self.add_variable(
                self.form(width), initializer="zeros", name="counts"
            )

    def form(self, width):
        """Gives the shape of the counts; a subclass may write another."""
        return (width, width)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts a batch.

        Args:
            y_true: whole numbers (batch, ...), or (batch, ..., classes).
            y_pred: float (batch, ..., classes), or (batch, 1) of two classes.
            sample_weight: float (batch,) or (batch, ...), or None.
        """
        logits = _two(ops.cast(y_pred, "float32"))
        width = logits.shape[-1]
        self._begin(width)
        shape = ops.shape(logits)[:-1]
        labels, known = _labels(ops.convert_to_tensor(y_true), width, shape)
        weights = weights_of(y_pred, sample_weight, shape)
        weights = ops.where(known, weights, 0.0)
        flat = (
            ops.reshape(labels, (-1,)),
            ops.reshape(logits, (-1, width)),
            ops.reshape(weights, (-1,)),
        )
        self._counts.assign_add(ops.cast(self.count(*flat), self.dtype))

    def count(self, labels, logits, weights):
        """Counts truths (rows) and answers (columns) of a batch.

        Args:
            labels: int (n,).
            logits: float (n, classes).
            weights: float (n,).

        Returns:
            float (classes, classes).
        """
        width = logits.shape[-1]
        truth = ops.one_hot(labels, width) * weights[:, None]
        answer = ops.one_hot(ops.argmax(logits, -1), width)
        return ops.matmul(ops.transpose(truth), answer)

    def score(self, counts):
        """Makes the metric of counts; a subclass writes this.

        Args:
            counts: float tensor or array of the shape `form`.

        Returns:
            float scalar.
        """
        raise NotImplementedError

    def result(self):
        """Gives the metric of all batches since the last reset."""
        if self._width is None:
            return ops.zeros(())
        return self.score(ops.cast(self._counts, "float32"))

    def reset_state(self):
        """Forgets all batches."""
        if self._width is not None:
            self._counts.assign(ops.zeros(self._counts.shape))

    def values(self, y, outputs):
        """Gives each example's labels, then its answers; -1 doesn't count.

        Args:
            y: array (n, ...), or distributions (n, ..., classes).
            outputs: float array (n, ..., classes), logits.

        Returns:
            float array (n, 2 k), of k labels an example.
        """
        y, logits, _ = plain(y, outputs)
        rows = [y.reshape(len(y), -1), logits.argmax(-1).reshape(len(y), -1)]
        self._seen = logits.shape[-1]
        return np.concatenate(rows, 1).astype("float64")

    def reduce(self, values):
        """Makes the metric of rows that `values` gave."""
        values = np.asarray(values).astype("int64")
        half = values.shape[1] // 2
        y, found = values[:, :half].ravel(), values[:, half:].ravel()
        width = self._seen
        pairs = y[y >= 0] * width + found[y >= 0]
        counts = np.bincount(pairs, minlength=width * width)
        counts = counts.reshape(width, width).astype("float64")
        return float(self.score(counts))


def _two(logits):
    """Writes one logit as the two of a softmax."""
    if len(logits.shape) < 2:
        logits = logits[..., None]
    if logits.shape[-1] > 1:
        return logits
    return ops.concatenate([ops.zeros_like(logits), logits], -1)


def _labels(y, width, shape):
    """Labels (batch, ...), and whether each is a class."""
    if len(y.shape) == len(shape) + 1 and y.shape[-1] == width > 1:
        return ops.argmax(y, -1), ops.sum(ops.cast(y, "float32"), -1) > 0.0
    y = ops.reshape(ops.cast(y, "int32"), shape)
    known = ops.logical_and(y >= 0, y < width)
    return ops.where(known, y, 0), known


def plain(y, outputs):
    """Brings labels and outputs to one form.

    Args:
        y: array (n, ...) of whole numbers, or (n, ..., classes).
        outputs: float array (n, ..., classes), logits, or (n, 1).

    Returns:
        Triple of int array (n, ...), -1 for no class, float64 array (n, ...,
        classes) and the number of classes.

    Example:
        >>> plain(np.array([0, 255]), np.zeros((2, 3)))[0].tolist()
        [0, -1]
    """
    y, logits = np.asarray(y), np.asarray(outputs, "float64")
    if logits.ndim < 2 or logits.shape[-1] == 1:
        logits = logits.reshape(*logits.shape[: max(1, logits.ndim - 1)], 1)
        logits = np.concatenate([np.zeros_like(logits), logits], -1)
    width = logits.shape[-1]
    if y.ndim == logits.ndim and y.shape[-1] == width:
        y = np.where(y.sum(-1) > 0, y.argmax(-1), -1)
    y = y.reshape(logits.shape[:-1]).astype("int64")
    return np.where((y >= 0) & (y < width), y, -1), logits, width


def parts_of(counts):
    """Gives hits, truths and answers of each class.

    Args:
        counts: float (classes, classes), truths in rows.

    Returns:
        Triple of float (classes,).

    Example:
        >>> hits, truths, answers = parts_of(np.array([[3.0, 1.0], [0.0, 2.0]]))
        >>> np.asarray(truths).tolist(), np.asarray(answers).tolist()
        ([4.0, 2.0], [3.0, 3.0])
    """
    return ops.diagonal(counts), ops.sum(counts, 1), ops.sum(counts, 0)


def ratio(top, bottom):
    """Divides, and gives 0 where there is nothing to divide by.

    Args:
        top: float tensor or array.
        bottom: float tensor or array.

    Returns:
        float tensor.

    Example:
        >>> float(ratio(np.array(1.0), np.array(0.0)))
        0.0
    """
    empty = ops.equal(bottom, 0)
    return ops.where(empty, 0.0 * top, top / ops.where(empty, 1.0, bottom))


class Averaged(LabelMetric):
    """A metric of each class, averaged; a subclass writes `each`.

    Args:
        average: "binary" (of class 1 alone), "macro" (the mean over classes
            that are or are answered), "micro" (of all counts together),
            "weighted" (by the number of truths), or "auto", which is "binary"
            for two classes and else "macro".
        **kwargs: `classes`, `name` and `dtype`.
    """

    arguments = {**LabelMetric.arguments, "average": Choice(AVERAGES)}

    def __init__(self, average="auto", classes=None, **kwargs):
        super().__init__(classes=classes, average=average, **kwargs)

    def each(self, hits, truths, answers):
        """Gives the metric of each class.

        Args:
            hits: float (...), what is of the class and answered so.
            truths: float (...), what is of the class.
            answers: float (...), what is answered so.

        Returns:
            float (...).
        """
        raise NotImplementedError

    def score(self, counts):
        """Averages over classes; see `LabelMetric.score`."""
        hits, truths, answers = parts_of(counts)
        how = self.average
        if how == "auto":
            how = "binary" if counts.shape[0] == 2 else "macro"
        if how == "micro":
            return self.each(ops.sum(hits), ops.sum(truths), ops.sum(answers))
        found = self.each(hits, truths, answers)
        if how == "binary":
            return found[1]
        if how == "weighted":
            return ratio(ops.sum(found * truths), ops.sum(truths))
        there = ops.cast(truths + answers > 0, found.dtype)
        return ratio(ops.sum(found * there), ops.sum(there))
