"""Metrics that are made of the table of truths and answers."""

import numpy as np
from keras import ops

from kerasgen.core import Float, Int, register
from kerasgen.metrics.label import (
    Averaged,
    LabelMetric,
    parts_of,
    plain,
    ratio,
)


@register("metric")
class Accuracy(LabelMetric):
    """Share of right labels.

    Args:
        classes: int, the number of classes; None reads it from the first
            batch.
        **kwargs: `name` and `dtype`, as in Keras.

    Example:
        >>> metric = Accuracy()
        >>> metric.update_state(ops.array([0, 1]), ops.array([[1.0, 0.0]] * 2))
        >>> float(metric.result())
        0.5
    """

    def score(self, counts):
        """Gives the share of hits; see `LabelMetric.score`."""
        return ratio(ops.sum(ops.diagonal(counts)), ops.sum(counts))


@register("metric")
class BalancedAccuracy(LabelMetric):
    """Mean over classes of the share of right labels.

    Args:
        classes: int, the number of classes; None reads it from the first
            batch.
        **kwargs: `name` and `dtype`, as in Keras.

    Source:
        Brodersen et al., "The Balanced Accuracy and Its Posterior
        Distribution", 2010, doi:10.1109/ICPR.2010.764. Classes without
        examples are left out.

    Example:
        >>> metric = BalancedAccuracy()
        >>> logits = ops.array([[1.0, 0.0]] * 3)
        >>> metric.update_state(ops.array([0, 0, 1]), logits)
        >>> float(metric.result())
        0.5
    """

    def score(self, counts):
        """Gives the mean recall; see `LabelMetric.score`."""
        hits, truths, _ = parts_of(counts)
        there = ops.cast(truths > 0, hits.dtype)
        return ratio(ops.sum(ratio(hits, truths)), ops.sum(there))


@register("metric")
class Precision(Averaged):
    """Of what is answered as a class, the share that is of it.

    Args:
        average: "binary" (of class 1 alone), "macro" (the mean over classes),
            "micro", "weighted", or "auto", which is "binary" for two classes
            and else "macro".
        classes: int, the number of classes; None reads it from the first
            batch.
        **kwargs: `name` and `dtype`, as in Keras.

    Source:
        van Rijsbergen, "Information Retrieval", 1979, chapter 7.

    Example:
        >>> metric = Precision()
        >>> metric.update_state(ops.array([0, 1]), ops.array([[0.0, 1.0]] * 2))
        >>> float(metric.result())
        0.5
    """

    def each(self, hits, truths, answers):
        """Gives hits over answers; see `Averaged.each`."""
        return ratio(hits, answers)


@register("metric")
class Recall(Averaged):
    """Of what is of a class, the share that is answered so.

    Args:
        average: "binary" (of class 1 alone), "macro" (the mean over classes),
            "micro", "weighted", or "auto", which is "binary" for two classes
            and else "macro".
        classes: int, the number of classes; None reads it from the first
            batch.
        **kwargs: `name` and `dtype`, as in Keras.

    Source:
        van Rijsbergen, "Information Retrieval", 1979, chapter 7.

    Example:
        >>> metric = Recall()
        >>> metric.update_state(ops.array([0, 1]), ops.array([[0.0, 1.0]] * 2))
        >>> float(metric.result())
        1.0
    """

    def each(self, hits, truths, answers):
        """Gives hits over truths; see `Averaged.each`."""
        return ratio(hits, truths)


@register("metric")
class F1(Averaged):
    """Harmonic mean of precision and recall, or one that leans to either.

    Args:
        beta: float > 0, how much more recall counts than precision.
        average: "binary" (of class 1 alone), "macro" (the mean over classes),
            "micro", "weighted", or "auto", which is "binary" for two classes
            and else "macro".
        classes: int, the number of classes; None reads it from the first
            batch.
        **kwargs: `name` and `dtype`, as in Keras.

    Source:
        van Rijsbergen, "Information Retrieval", 1979, chapter 7.

    Example:
        >>> metric = F1()
        >>> metric.update_state(ops.array([0, 1]), ops.array([[0.0, 1.0]] * 2))
        >>> round(float(metric.result()), 4)
        0.6667
    """

    arguments = {**Averaged.arguments, "beta": Float(1e-3)}

    def __init__(self, beta=1.0, average="auto", classes=None, **kwargs):
        super().__init__(average, classes, beta=beta, **kwargs)

    def each(self, hits, truths, answers):
        """Gives the F score; see `Averaged.each`."""
        square = self.beta**2
        return ratio((1.0 + square) * hits, square * truths + answers)


@register("metric")
class Jaccard(Averaged):
    """Of what is of a class or answered so, the share that is both (IoU).

    Args:
        average: "binary" (of class 1 alone), "macro" (the mean over classes,
            the mean IoU of masks), "micro", "weighted", or "auto", which is
            "binary" for two classes and else "macro".
        classes: int, the number of classes; None reads it from the first
            batch.
        **kwargs: `name` and `dtype`, as in Keras.

    Source:
        Jaccard, 1912, doi:10.1111/j.1469-8137.1912.tb05611.x.

    Example:
        >>> metric = Jaccard()
        >>> metric.update_state(ops.array([0, 1]), ops.array([[0.0, 1.0]] * 2))
        >>> float(metric.result())
        0.5
    """

    def each(self, hits, truths, answers):
        """Gives intersection over union; see `Averaged.each`."""
        return ratio(hits, truths + answers - hits)


@register("metric")
class Matthews(LabelMetric):
    """Correlation of truths and answers (MCC), of two or more classes.

    Args:
        classes: int, the number of classes; None reads it from the first
            batch.
        **kwargs: `name` and `dtype`, as in Keras.

    Source:
        Gorodkin, "Comparing two K-category assignments by a K-category
        correlation coefficient", 2004,
        doi:10.1016/j.compbiolchem.2004.09.006, equation 8.

    Example:
        >>> metric = Matthews()
        >>> metric.update_state(ops.array([0, 1]), ops.eye(2))
        >>> float(metric.result())
        1.0
    """

    unit = ""

    def score(self, counts):
        """Gives the coefficient; see `LabelMetric.score`."""
        hits, truths, answers = parts_of(_shares(counts))
        both = ops.sum(hits) - ops.sum(truths * answers)
        one = 1.0 - ops.sum(truths * truths)
        two = 1.0 - ops.sum(answers * answers)
        return ratio(both, ops.sqrt(ops.maximum(one * two, 0.0)))


@register("metric")
class Kappa(LabelMetric):
    """How much truths and answers agree beyond chance.

    Args:
        classes: int, the number of classes; None reads it from the first
            batch.
        **kwargs: `name` and `dtype`, as in Keras.

    Source:
        Cohen, "A Coefficient of Agreement for Nominal Scales", 1960,
        doi:10.1177/001316446002000104.

    Example:
        >>> metric = Kappa()
        >>> metric.update_state(ops.array([0, 1]), ops.eye(2))
        >>> float(metric.result())
        1.0
    """

    unit = ""

    def score(self, counts):
        """Gives the coefficient; see `LabelMetric.score`."""
        hits, truths, answers = parts_of(_shares(counts))
        chance = ops.sum(truths * answers)
        return ratio(ops.sum(hits) - chance, 1.0 - chance)


@register("metric")
class TopK(LabelMetric):
    """Share of examples whose label is among the likeliest few.

    Args:
        k: int >= 1, how many.
        classes: int, the number of classes; None reads it from the first
            batch.
        **kwargs: `name` and `dtype`, as in Keras.

    Example:
        >>> metric = TopK(k=2)
        >>> metric.update_state(ops.array([1]), ops.array([[3.0, 2.0, 1.0]]))
        >>> float(metric.result())
        1.0
    """

    arguments = {**LabelMetric.arguments, "k": Int(1)}

    def __init__(self, k=2, classes=None, **kwargs):
        super().__init__(classes, k=k, **kwargs)

    def form(self, width):
        """Gives the shape of hits and examples."""
        return (2,)

    def count(self, labels, logits, weights):
        """Counts hits and examples; see `LabelMetric.count`."""
        own = ops.take_along_axis(logits, labels[:, None], 1)
        above = ops.sum(ops.cast(logits > own, "int32"), 1)
        hit = ops.cast(above < self.k, "float32")
        return ops.stack([ops.sum(hit * weights), ops.sum(weights)])

    def score(self, counts):
        """Gives the share of hits; see `LabelMetric.score`."""
        return ratio(counts[0], counts[1])

    def values(self, y, outputs):
        """Gives each label's hits and how many count."""
        y, logits, width = plain(y, outputs)
        own = np.take_along_axis(logits, np.maximum(y, 0)[..., None], -1)
        hit = ((logits > own).sum(-1) < self.k) & (y >= 0)
        flat = (hit.reshape(len(y), -1), (y >= 0).reshape(len(y), -1))
        return np.stack([part.sum(1) for part in flat], 1).astype("float64")

    def reduce(self, values):
        """Gives the share of hits."""
        return float(self.score(np.asarray(values, "float64").sum(0)))


def _shares(counts):
    return ratio(counts, ops.sum(counts))
