"""The task to find strangers among examples that nobody labelled."""

import dataclasses

import keras
import numpy as np
from keras import ops

from kerasgen.core import message, register
from kerasgen.metrics import auroc, average_precision
from kerasgen.tasks.base import Measure, Task

# Scores of known anomalies below this one are raised no harder.
_LEAST = -10.0


@register("task")
@dataclasses.dataclass(frozen=True)
class Anomaly(Task):
    """A score for each example, the higher the stranger.

    The score is what training lowers: models for this task are made so that
    only what is common can be scored low. Labels are 1 for an anomaly and 0
    for the rest. Training looks at them only where `known` says so, so that
    it learns from a mixture that nobody labelled, or from normal examples
    alone; measures always do.

    Args:
        known: bool, whether labels of train count: the score of known
            anomalies is then raised.

    Source:
        Ruff et al., "Deep One-Class Classification", 2018, and for known
        anomalies "Deep Semi-Supervised Anomaly Detection", 2020,
        arXiv:1906.02694, equation 7, but with exp(-score) for the inverse of
        the score, since a score may be negative, and equal weights.

    Example:
        >>> task = Anomaly()
        >>> answer = task.predict(ops.array([[-1.0], [2.0]]))
        >>> answer["anomaly"].numpy().tolist()
        [False, True]
    """

    known: bool = False

    target = "class"

    @property
    def units(self):
        """int, one score."""
        return 1

    def loss(self):
        """The score itself; of known anomalies exp(-score)."""
        return ScoreLoss(self.known)

    def metrics(self):
        """The area under the ROC curve, which needs labels to mean much."""
        return [ScoreAUC(name="auroc")]

    def measures(self):
        """Area under the ROC curve first, then the average precision."""
        return [
            Measure("auroc", _rows, reduce=_auroc),
            Measure("average_precision", _rows, reduce=_precision),
        ]

    def predict(self, outputs):
        """Gives score and verdict.

        Args:
            outputs: float tensor (batch, 1).

        Returns:
            dict with `score` (batch,) and `anomaly` (batch,) bool, whether
            the score lies above the model's threshold, which is 0 here.
        """
        score = ops.cast(outputs, "float32")[:, 0]
        return {"score": score, "anomaly": score > 0}

    def check(self, y, where="Anomaly"):
        """Checks that labels are 0 or 1."""
        y = np.asarray(y)
        if y.ndim != 1 or not np.isin(y, (0, 1)).all():
            raise ValueError(
                message(
                    where,
                    "labels must be 1 for anomalies and 0 for the rest, (n,)",
                    {"shape": y.shape, "labels": np.unique(y)[:5].tolist()},
                )
            )


def _rows(y, outputs):
    scores = np.asarray(outputs, "float64").reshape(len(outputs))
    return np.stack([scores, np.asarray(y, "float64")], 1)


def _auroc(rows):
    return auroc(rows[:, 0], rows[:, 1])


def _precision(rows):
    return average_precision(rows[:, 0], rows[:, 1])


@keras.saving.register_keras_serializable("kerasgen.loss")
class ScoreLoss(keras.losses.Loss):
    """The score of each example, and exp(-score) of known anomalies.

    Args:
        known: bool, whether labels count.
        reduction: str, as in Keras.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> loss = ScoreLoss(known=True)
        >>> float(loss(ops.array([0, 1]), ops.array([[1.0], [0.0]])))
        1.0
    """

    def __init__(
        self,
        known=False,
        reduction="sum_over_batch_size",
        name="score",
        dtype=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.known = known

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: (batch,) or (batch, 1), 1 for anomalies, or distributions
                (batch, 2).
            y_pred: float (batch, 1), scores.

        Returns:
            float (batch,).
        """
        score = ops.cast(y_pred, "float32")[:, 0]
        if not self.known:
            return score
        strange = _strange(y_true)
        far = ops.exp(-ops.maximum(score, _LEAST))
        return (1.0 - strange) * score + strange * far

    def get_config(self):
        """Gives the loss's arguments."""
        return {
            "name": self.name,
            "reduction": self.reduction,
            "known": self.known,
        }


def _strange(y):
    """Labels as one float an example."""
    y = ops.cast(y, "float32")
    if len(y.shape) == 2:
        y = y[:, -1]
    return y


@keras.saving.register_keras_serializable("kerasgen.metric")
class ScoreAUC(keras.metrics.AUC):
    """Area under the ROC curve of scores without bounds.

    Scores are squeezed into (0, 1) without a change of their order, and 200
    steps between are looked at; `kerasgen.metrics.auroc` is exact.

    Args:
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> metric = ScoreAUC()
        >>> _ = metric.update_state(ops.array([0, 1]), ops.array([[-3.0], [9]]))
        >>> float(metric.result())
        1.0
    """

    def __init__(self, name="auroc", dtype=None):
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts a batch.

        Args:
            y_true: (batch,), 1 for anomalies, or distributions (batch, 2).
            y_pred: float (batch, 1), scores.
            sample_weight: float (batch,), or None.
        """
        score = ops.cast(y_pred, "float32")[:, 0]
        squeezed = 0.5 + 0.5 * score / (1.0 + ops.abs(score))
        return super().update_state(_strange(y_true), squeezed, sample_weight)

    def get_config(self):
        """Gives the metric's arguments."""
        return {"name": self.name, "dtype": self.dtype}
