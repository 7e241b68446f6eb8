"""Metrics of how well scores rank examples: AUROC, average precision."""

import numpy as np
from keras import ops

from kerasgen.core import register
from kerasgen.metrics.label import LabelMetric, plain, ratio

# The inverse hyperbolic sines of log odds lie in so many bins between plus and
# minus this: fine around even odds, and up to 11,000 at the ends.
_BINS, _BOUND = 1024, 10.0


class Ranking(LabelMetric):
    """A metric of the order in which scores put examples.

    Of two classes the second is meant; of more, the mean over classes of each
    against the rest, by its probability. In training, log odds are counted in
    1,024 bins; a report sorts them.

    Args:
        **kwargs: `classes`, `name` and `dtype`.
    """

    def form(self, width):
        """Gives the shape of the counts: rest and class, class, bin."""
        return (2, 1 if width == 2 else width, _BINS)

    def count(self, labels, logits, weights):
        """Counts log odds by bin; see `LabelMetric.count`."""
        width = logits.shape[-1]
        logs = ops.log_softmax(logits, -1)
        # log p - log(1 - p), the latter from the others' probabilities.
        odds = ops.arcsinh(logs - _rest(logs))
        odds = ops.clip(odds, -_BOUND, _BOUND)
        truth = ops.one_hot(labels, width)
        if width == 2:
            odds, truth = odds[:, 1:], truth[:, 1:]
        place = (odds + _BOUND) * ((_BINS - 1) / (2.0 * _BOUND))
        place = ops.cast(ops.round(place), "int32")
        place = place + _BINS * ops.arange(place.shape[1])
        counts = []
        for part in (1.0 - truth, truth):
            found = ops.segment_sum(
                ops.reshape(part * weights[:, None], (-1,)),
                ops.reshape(place, (-1,)),
                _BINS * place.shape[1],
            )
            counts.append(ops.reshape(found, (place.shape[1], _BINS)))
        return ops.stack(counts)

    def values(self, y, outputs):
        """Gives each example's labels, then the scores of each class.

        Args:
            y: array (n, ...), or distributions (n, ..., classes).
            outputs: float array (n, ..., classes), logits.

        Returns:
            float array (n, k + k classes), of k labels an example.
        """
        y, logits, width = plain(y, outputs)
        logits = logits - logits.max(-1, keepdims=True)
        logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        odds = logs - np.asarray(_rest(ops.convert_to_tensor(logs)))
        odds = odds[..., 1:] if width == 2 else odds
        rows = [y.reshape(len(y), -1), odds.reshape(len(y), -1)]
        self._seen = odds.shape[-1]
        return np.concatenate(rows, 1)

    def reduce(self, values):
        """Makes the metric of rows that `values` gave."""
        classes = self._seen
        labels = values.shape[1] // (1 + classes)
        y = values[:, :labels].ravel()
        scores = values[:, labels:].reshape(-1, classes)[y >= 0]
        y = y[y >= 0]
        found = []
        for index in range(classes):
            hit = y == (1 if classes == 1 else index)
            if hit.any() and not hit.all():
                found.append(self.ranked(hit, scores[:, index]))
        return float(np.mean(found)) if found else 0.0

    def ranked(self, hit, score):
        """Gives the metric of one class; a subclass writes this.

        Args:
            hit: bool array (n,), what is of the class.
            score: float array (n,).

        Returns:
            float.
        """
        raise NotImplementedError


def _rest(logs):
    """log(1 - p) of log p (n, classes), from the sum of the others' p."""
    width = logs.shape[-1]
    if width == 2:
        return logs[..., ::-1]
    shares = ops.exp(logs)
    # A probability near one leaves no digits in 1 - p.
    others = ops.matmul(shares, ops.cast(1.0 - ops.eye(width), shares.dtype))
    return ops.log(ops.maximum(others, 1e-37))


def _mean_over(found, there):
    there = ops.cast(there, found.dtype)
    return ratio(ops.sum(found * there), ops.sum(there))


@register("metric")
class AUC(Ranking):
    """Area under the ROC curve: how often the one of a class ranks higher.

    Args:
        classes: int, the number of classes; None reads it from the first
            batch.
        **kwargs: `name` and `dtype`, as in Keras.

    Source:
        Hanley & McNeil, "The meaning and use of the area under a receiver
        operating characteristic (ROC) curve", 1982,
        doi:10.1148/radiology.143.1.7063747. Ties count one half. Of more than
        two classes the mean of each against the rest.

    Example:
        >>> metric = AUC()
        >>> metric.update_state(ops.array([0, 1]), ops.eye(2))
        >>> float(metric.result())
        1.0
    """

    def score(self, counts):
        """Gives the area; see `LabelMetric.score`."""
        rest, own = counts[0], counts[1]
        below = ops.cumsum(rest, 1) - 0.5 * rest
        wins = ops.sum(own * below, 1)
        pairs = ops.sum(own, 1) * ops.sum(rest, 1)
        return _mean_over(ratio(wins, pairs), pairs > 0)

    def ranked(self, hit, score):
        """Gives the area from ranks; see `Ranking.ranked`."""
        rest = np.sort(score[~hit])
        low = np.searchsorted(rest, score[hit], "left")
        high = np.searchsorted(rest, score[hit], "right")
        return 0.5 * (low + high).mean() / len(rest)


@register("metric")
class AveragePrecision(Ranking):
    """Mean precision over the places at which one of the class is found.

    Args:
        classes: int, the number of classes; None reads it from the first
            batch.
        **kwargs: `name` and `dtype`, as in Keras.

    Source:
        Davis & Goadrich, "The Relationship Between Precision-Recall and ROC
        Curves", 2006, doi:10.1145/1143844.1143874; the area is the sum of
        steps, not interpolated. Of more than two classes the mean.

    Example:
        >>> metric = AveragePrecision()
        >>> metric.update_state(ops.array([0, 1]), ops.eye(2))
        >>> float(metric.result())
        1.0
    """

    def score(self, counts):
        """Gives the area; see `LabelMetric.score`."""
        rest, own = (ops.flip(part, 1) for part in (counts[0], counts[1]))
        hits = ops.cumsum(own, 1)
        precision = ratio(hits, hits + ops.cumsum(rest, 1))
        total = ops.sum(own, 1)
        area = ratio(ops.sum(own * precision, 1), total)
        return _mean_over(area, total * ops.sum(rest, 1) > 0)

    def ranked(self, hit, score):
        """Gives the area from sorted scores; see `Ranking.ranked`."""
        order = np.argsort(-score, kind="stable")
        hit, score = hit[order], score[order]
        hits = np.cumsum(hit)
        # Ties are one place.
        last = np.append(np.diff(score) != 0, True)
        hits, found = hits[last], (np.arange(len(hit)) + 1.0)[last]
        steps = np.diff(hits, prepend=0)
        return float((steps * hits / found).sum() / hits[-1])
