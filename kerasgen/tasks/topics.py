"""The task to find what texts are about."""

import dataclasses

import keras
import numpy as np
from keras import ops

from kerasgen.core import Int, register
from kerasgen.tasks.base import Measure, Task


@register("task")
@dataclasses.dataclass(frozen=True)
class Topics(Task):
    """A mixture of topics for each text, by which its words are told.

    No labels are needed. The model's outputs are a dict: `topics`, the logits
    of the mixture, and `surprise`, for each text the nats that its words
    cost, those that the mixture costs, and the number of its words; training
    lowers the costs.

    Args:
        topics: int, at least 2.

    Raises:
        ValueError: for fewer than two topics.

    Source:
        Blei et al., "Latent Dirichlet Allocation", 2003, section 7.1, for
        perplexity, here by the bound of what words and mixture cost.

    Example:
        >>> surprise = np.array([[2 * np.log(8.0), 0.0, 2.0]])
        >>> perplexity = Topics(2).headline
        >>> values = perplexity.values(None, {"surprise": surprise})
        >>> round(perplexity.reduce_values(values), 6)
        8.0
    """

    topics: int = 2

    target = "class"
    labelled = False

    def __post_init__(self):
        Int(2).check("Topics", "topics", self.topics)

    @property
    def units(self):
        """dict of the width of each of the model's outputs."""
        return {"topics": self.topics, "surprise": 3}

    def loss(self):
        """What words and mixture of a text cost."""
        return Surprise()

    def metrics(self):
        """Perplexity."""
        return [WordPerplexity(name="perplexity")]

    def measures(self):
        """Perplexity: how many words one might as well have guessed from."""
        return [Measure("perplexity", _costs, "lower", reduce=_perplexity)]

    def predict(self, outputs):
        """Gives the main topic and the mixture.

        Args:
            outputs: dict of float tensors `topics` (batch, topics) and
                `surprise` (batch, 3).

        Returns:
            dict with `topic` (batch,) int and `mixture` (batch, topics).
        """
        logits = ops.cast(outputs["topics"], "float32")
        return {
            "topic": ops.argmax(logits, -1),
            "mixture": ops.softmax(logits, -1),
        }

    def check(self, y, where="Topics"):
        """Takes whatever labels there are: they are not looked at."""


def _costs(y, outputs):
    surprise = np.asarray(outputs["surprise"], "float64")
    return np.stack([surprise[:, 0] + surprise[:, 1], surprise[:, 2]], 1)


def _perplexity(rows):
    return np.exp(rows[:, 0].sum() / max(rows[:, 1].sum(), 1.0))


@keras.saving.register_keras_serializable("kerasgen.loss")
class Surprise(keras.losses.Loss):
    """What a text's words and its mixture cost; labels don't matter.

    Args:
        reduction: str, as in Keras.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> surprise = ops.array([[5.0, 1.0, 3.0]])
        >>> float(Surprise()(ops.zeros(1), {"surprise": surprise}))
        6.0
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="surprise", dtype=None
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def __call__(self, y_true, y_pred, sample_weight=None):
        """Gives the loss; the outputs are a dict, the labels are not."""
        return super().__call__(y_true, y_pred["surprise"], sample_weight)

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: whatever; it isn't looked at.
            y_pred: float (batch, 3).

        Returns:
            float (batch,), in nats.
        """
        y_pred = ops.cast(y_pred, "float32")
        return y_pred[:, 0] + y_pred[:, 1]


@keras.saving.register_keras_serializable("kerasgen.metric")
class WordPerplexity(keras.metrics.Metric):
    """The exponent of what a word costs in the mean.

    Args:
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> metric = WordPerplexity()
        >>> metric.update_state(None, ops.array([[0.0, 0.0, 2.0]]))
        >>> float(metric.result())
        1.0
    """

    def __init__(self, name="perplexity", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._direction = "down"
        self.cost = self.add_variable((), initializer="zeros", name="cost")
        self.words = self.add_variable((), initializer="zeros", name="words")

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts a batch.

        Args:
            y_true: whatever; it isn't looked at.
            y_pred: float (batch, 3), see `Topics`, or a dict with it as
                `surprise`.
            sample_weight: float (batch,), or None.
        """
        if isinstance(y_pred, dict):
            y_pred = y_pred["surprise"]
        rows = ops.cast(y_pred, self.dtype)
        if sample_weight is not None:
            weight = ops.cast(sample_weight, self.dtype)
            rows = rows * ops.reshape(weight, (-1, 1))
        self.cost.assign_add(ops.sum(rows[:, 0] + rows[:, 1]))
        self.words.assign_add(ops.sum(rows[:, 2]))

    def result(self):
        """Gives the perplexity."""
        words = ops.maximum(ops.convert_to_tensor(self.words), 1.0)
        return ops.exp(ops.convert_to_tensor(self.cost) / words)
