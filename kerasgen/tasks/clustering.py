"""The task to find groups among examples that nobody labelled."""

import dataclasses

import keras
import numpy as np
from keras import ops

from kerasgen.core import Int, message, register
from kerasgen.metrics import (
    adjusted_rand,
    cluster_accuracy,
    normalized_mutual_information,
)
from kerasgen.tasks.base import Measure, Task

# Labels from here on don't count in the metric that training shows.
_LABELS = 100


@register("task")
@dataclasses.dataclass(frozen=True)
class Clustering(Task):
    """One of several clusters for each example.

    Labels are for measures alone; training doesn't look at them. The loss
    makes assignments purer: their squares over the clusters' sizes in the
    batch, brought to sum 1, are the target.

    Args:
        clusters: int, at least 2.

    Raises:
        ValueError: for fewer than two clusters.

    Source:
        Xie et al., "Unsupervised Deep Embedding for Clustering Analysis",
        2016, arXiv:1511.06335, equations 2, 3 and 10; there the sizes are
        those of the whole set.

    Example:
        >>> task = Clustering(2)
        >>> y, outputs = np.array([7, 7, 3]), np.eye(2)[[0, 0, 1]]
        >>> task.headline.reduce_values(task.headline.values(y, outputs))
        1.0
    """

    clusters: int = 2

    target = "class"

    def __post_init__(self):
        Int(2).check("Clustering", "clusters", self.clusters)

    @property
    def units(self):
        """int, one logit a cluster."""
        return self.clusters

    def loss(self):
        """How far the assignments are from purer ones."""
        return SelfTraining()

    def metrics(self):
        """Normalized mutual information, which needs labels to mean much."""
        return [ClusterInformation(self.clusters, name="nmi")]

    def measures(self):
        """Accuracy under the best naming first, then what needs no naming."""
        return [
            Measure("accuracy", _rows, reduce=_of(cluster_accuracy)),
            Measure("nmi", _rows, reduce=_of(normalized_mutual_information)),
            Measure("ari", _rows, reduce=_of(adjusted_rand)),
        ]

    def predict(self, outputs):
        """Gives cluster and probabilities.

        Args:
            outputs: float tensor (batch, clusters), logits.

        Returns:
            dict with `cluster` (batch,) int and `probability`
            (batch, clusters).
        """
        outputs = ops.cast(outputs, "float32")
        return {
            "cluster": ops.argmax(outputs, -1),
            "probability": ops.softmax(outputs, -1),
        }

    def check(self, y, where="Clustering"):
        """Checks that labels are whole numbers from 0 on."""
        y = np.asarray(y)
        fits = y.ndim == 1 and np.issubdtype(y.dtype, np.number)
        if not fits or (y != np.floor(y)).any() or (y < 0).any():
            raise ValueError(
                message(
                    where,
                    "labels must be whole numbers from 0 on, of shape (n,)",
                    {"shape": y.shape, "dtype": str(y.dtype)},
                )
            )


def _rows(y, outputs):
    clusters = np.argmax(np.asarray(outputs), -1)
    return np.stack([np.asarray(y, "float64"), clusters], 1)


def _of(metric):
    return lambda rows: metric(*rows.astype("int64").T)


@keras.saving.register_keras_serializable("kerasgen.loss")
class SelfTraining(keras.losses.Loss):
    """Divergence of assignments from purer ones; labels don't matter.

    Args:
        reduction: str, as in Keras.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> logits = ops.array([[9.0, 0.0], [0.0, 9.0]])
        >>> float(SelfTraining()(ops.zeros(2), logits)) < 1e-3
        True
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="self_training", dtype=None
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: whatever; it isn't looked at.
            y_pred: float (batch, clusters), logits.

        Returns:
            float (batch,), in nats.
        """
        log_shares = ops.log_softmax(ops.cast(y_pred, "float32"))
        sizes = ops.sum(ops.exp(log_shares), 0)
        purer = 2.0 * log_shares - ops.log(ops.maximum(sizes, 1e-12))
        purer = ops.stop_gradient(ops.log_softmax(purer))
        return ops.sum(ops.exp(purer) * (purer - log_shares), -1)


@keras.saving.register_keras_serializable("kerasgen.metric")
class ClusterInformation(keras.metrics.Metric):
    """Normalized mutual information of clusters and labels below 100.

    Args:
        clusters: int.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> metric = ClusterInformation(2)
        >>> metric.update_state(ops.array([5, 7]), ops.eye(2))
        >>> round(float(metric.result()), 6)
        1.0
    """

    def __init__(self, clusters, name="nmi", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"
        self.clusters = clusters
        self.counts = self.add_variable(
            (_LABELS, clusters), initializer="zeros", name="counts"
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts a batch.

        Args:
            y_true: (batch,) whole numbers, or distributions (batch, classes).
            y_pred: float (batch, clusters), logits.
            sample_weight: float (batch,), or None.
        """
        if len(y_true.shape) == 2 and y_true.shape[-1] != 1:
            y_true = ops.argmax(y_true, -1)
        labels = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        rows = ops.one_hot(labels, _LABELS, dtype=self.counts.dtype)
        if sample_weight is not None:
            weight = ops.cast(sample_weight, self.counts.dtype)
            rows = rows * ops.reshape(weight, (-1, 1))
        columns = ops.one_hot(
            ops.argmax(y_pred, -1), self.clusters, dtype=self.counts.dtype
        )
        self.counts.assign_add(ops.matmul(ops.transpose(rows), columns))

    def result(self):
        """Gives the information over the mean entropy, or 0 for neither."""
        counts = ops.convert_to_tensor(self.counts)
        table = counts / ops.maximum(ops.sum(counts), 1.0)
        parts = _entropy(ops.sum(table, 1)) + _entropy(ops.sum(table, 0))
        shared = parts - _entropy(ops.reshape(table, (-1,)))
        return 2.0 * shared / ops.maximum(parts, 1e-7)

    def get_config(self):
        """Gives the metric's arguments."""
        return {**super().get_config(), "clusters": self.clusters}


def _entropy(shares):
    return -ops.sum(shares * ops.log(ops.maximum(shares, 1e-12)))
