"""Tasks of recommenders: a rating, or which items come first."""

import dataclasses

import keras
import numpy as np
from keras import ops

from kerasgen.core import message, one_of, register
from kerasgen.metrics import ranks
from kerasgen.tasks.base import Measure, Task, probabilities
from kerasgen.tasks.value import Regression

LOSSES = ("softmax", "bpr")


@register("task")
@dataclasses.dataclass(frozen=True)
class Rating(Regression):
    """One rating for each pair of user and item, on a scale with two ends.

    Args:
        mean: float, the train split's mean of `y`.
        scale: float > 0, its standard deviation.
        unit: str, the unit, for reports.
        criterion: what training minimises, as `Regression` takes it.
        also: metrics beside its own, as `Regression` takes them.
        low: float, the least rating, or None for no end.
        high: float, the greatest rating, or None for no end.

    Raises:
        ValueError: for a scale that is not positive, or ends the wrong way
            round.

    Example:
        >>> task = Rating(mean=3.0, low=1.0, high=5.0)
        >>> float(task.predict(ops.array([[4.0]]))["value"][0])
        5.0
    """

    low: float = None
    high: float = None

    def __post_init__(self):
        super().__post_init__()
        if None not in (self.low, self.high) and not self.low < self.high:
            raise ValueError(
                message(
                    "Rating",
                    "`low` must be less than `high`",
                    {"low": self.low, "high": self.high},
                )
            )

    def measures(self):
        """Root mean squared error first, then the mean absolute error."""
        error, root, *rest = super().measures()
        return [root, error, *rest]

    def _value(self, outputs):
        value = super()._value(outputs)
        if self.low is None and self.high is None:
            return value
        return np.clip(value, self.low, self.high)

    def predict(self, outputs):
        """Gives the rating, within its ends.

        Args:
            outputs: float tensor (batch, 1).

        Returns:
            dict with `value` (batch,), and what `Regression` adds to it.
        """
        answer = super().predict(outputs)
        value = answer["value"]
        if self.low is not None:
            value = ops.maximum(value, self.low)
        if self.high is not None:
            value = ops.minimum(value, self.high)
        return {**answer, "value": value}


@register("task")
@dataclasses.dataclass(frozen=True)
class Recommendation(Task):
    """Which item comes next for a user: all items, the likeliest first.

    Args:
        items: int, at least 2.
        labels: tuple of str, the items' names, or empty for "0", "1", ...
        k: int >= 1, how many are recommended.
        learn: "softmax", the log probability of the item among all, or "bpr",
            the mean over all other items of how surely it comes before them.

    Raises:
        ValueError: for fewer than two items, names that don't fit them, a k
            or a loss that can't be.

    Source:
        BPR: Rendle et al., "BPR: Bayesian Personalized Ranking from Implicit
        Feedback", 2009, arXiv:1205.2618, which draws one other item; here
        it is the mean over all of them, without noise.

    Example:
        >>> task = Recommendation(4, k=2)
        >>> scores = ops.array([[0.1, 0.9, 0.5, 0.2]])
        >>> task.predict(scores)["label"].numpy().tolist()
        [[1, 2]]
    """

    items: int = 20
    labels: tuple = ()
    k: int = 10
    learn: str = "softmax"

    def __post_init__(self):
        names = tuple(str(name) for name in self.labels)
        names = names or tuple(str(index) for index in range(self.items))
        if self.items < 2 or self.k < 1 or len(names) != self.items:
            raise ValueError(
                message(
                    "Recommendation",
                    "there must be at least 2 items, a name for each, and `k` "
                    "of at least 1",
                    {"items": self.items, "labels": len(names), "k": self.k},
                )
            )
        one_of("Recommendation", "learn", self.learn, LOSSES)
        object.__setattr__(self, "labels", names)

    @property
    def units(self):
        """int, one score an item."""
        return self.items

    @property
    def first(self):
        """int, how many are recommended: `k`, or all where there are fewer."""
        return min(self.k, self.items)

    def loss(self):
        """The loss of the item among all items."""
        return RankingLoss(self.learn)

    def metrics(self):
        """The share of items that are among the first k."""
        name = f"recall_at_{self.first}"
        return [
            keras.metrics.SparseTopKCategoricalAccuracy(self.first, name=name)
        ]

    def measures(self):
        """Recall at k first, then NDCG at k, the reciprocal rank and NLL."""
        return [
            Measure(f"recall_at_{self.first}", self._recall, exact=True),
            Measure(f"ndcg_at_{self.first}", self._gain),
            Measure("mrr", lambda y, o: 1.0 / ranks(o, y)),
            Measure("nll", self._nll, better="lower", unit="nat"),
        ]

    def _recall(self, y, outputs):
        return (ranks(outputs, y) <= self.first).astype("float64")

    def _gain(self, y, outputs):
        place = ranks(outputs, y)
        return np.where(place <= self.first, 1.0 / np.log2(place + 1.0), 0.0)

    @staticmethod
    def _nll(y, outputs):
        found = probabilities(outputs)
        own = found[np.arange(len(found)), np.asarray(y, "int64")]
        return -np.log(np.maximum(own, 1e-12))

    def predict(self, outputs):
        """Gives the first k items and their scores.

        Args:
            outputs: float tensor (batch, items), scores.

        Returns:
            dict with `label` (batch, k) int, the best first, and `score`
            (batch, k); the exporter adds the items' names.
        """
        score, label = ops.top_k(ops.cast(outputs, "float32"), self.first)
        return {"label": label, "score": score}

    def check(self, y, where="Recommendation"):
        """Checks that labels are whole numbers in [0, items)."""
        y = np.asarray(y)
        fits = y.ndim == 1 and np.issubdtype(y.dtype, np.integer)
        if not fits or (len(y) and (y.min() < 0 or y.max() >= self.items)):
            raise ValueError(
                message(
                    where,
                    f"labels must be whole numbers in [0, {self.items - 1}] "
                    "of shape (n,)",
                    {"shape": y.shape, "dtype": str(y.dtype)},
                )
            )


@keras.saving.register_keras_serializable("kerasgen.loss")
class RankingLoss(keras.losses.Loss):
    """The loss of the right item among all items.

    Args:
        learn: "softmax" or "bpr", see `Recommendation`.
        reduction: str, as in Keras.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> loss = RankingLoss("bpr")
        >>> round(float(loss(ops.array([0]), ops.array([[1.0, 1.0]]))), 4)
        0.6931
    """

    def __init__(
        self,
        learn="softmax",
        reduction="sum_over_batch_size",
        name="ranking_loss",
        dtype=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.learn = learn

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: int (batch,) or (batch, 1).
            y_pred: float (batch, items), scores.

        Returns:
            float (batch,).
        """
        scores = ops.cast(y_pred, "float32")
        y_true = ops.reshape(ops.cast(y_true, "int32"), (-1, 1))
        own = ops.take_along_axis(scores, y_true, 1)
        if self.learn == "softmax":
            return ops.logsumexp(scores - own, 1)
        # Its own place gives log 2, which is taken off again.
        ahead = ops.sum(ops.softplus(scores - own), 1) - np.log(2.0)
        return ahead / (scores.shape[1] - 1)

    def get_config(self):
        """Gives the loss's arguments."""
        return {
            "name": self.name,
            "reduction": self.reduction,
            "learn": self.learn,
        }
