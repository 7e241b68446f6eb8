"""The task of a tag for each token."""

import dataclasses

import keras
import numpy as np
from keras import ops

from kerasgen.core import message, one_of, register
from kerasgen.losses import (
    ChainLikelihood,
    absent_steps,
    best_tags,
    chain_marginals,
    chained,
    constrained,
)
from kerasgen.metrics.spans import (
    SCHEMES,
    f1_of_counts,
    forbidden_pairs,
    span_counts,
)
from kerasgen.tasks.base import Measure, Task

# So many sentences are decoded at once when a split is judged.
_ROWS = 512


@register("task")
@dataclasses.dataclass(frozen=True)
class Tagging(Task):
    """A tag for each token of a sentence.

    A model gives logits (batch, time, tags), each token by itself, or the
    potentials (batch, time, tags, tags) of neighbouring tags, as the layer
    `CRF` does; loss, measures and answers follow from either.

    Args:
        labels: tuple of str, the names of the tags.
        scheme: "BIO", "IOB1" or "BIOES" for tags of entities, which are then
            judged as wholes, and answers keep the scheme; "loose" for those
            that keep none; "none" for tags that stand alone, such as parts of
            speech.

    Raises:
        ValueError: for fewer than two tags, equal names, or an unknown
            scheme.

    Source:
        Entity F1: Tjong Kim Sang & De Meulder, CoNLL-2003.

    Example:
        >>> task = Tagging(("NOUN", "VERB"), scheme="none")
        >>> y, logits = [[0, 1, -1]], np.eye(2)[[[0, 0, 0]]]
        >>> task.headline.reduce_values(task.correct(y, logits))
        0.5
    """

    labels: tuple = ("O", "B-X", "I-X")
    scheme: str = "BIO"

    def __post_init__(self):
        names = tuple(str(name) for name in self.labels)
        if len(names) < 2 or len(set(names)) < len(names):
            raise ValueError(
                message(
                    "Tagging",
                    "`labels` must be two different names at least",
                    {"labels": names},
                )
            )
        one_of("Tagging", "scheme", self.scheme, SCHEMES)
        object.__setattr__(self, "labels", names)

    @property
    def units(self):
        """int, the number of tags."""
        return len(self.labels)

    @property
    def entities(self):
        """bool, whether tags tell of spans."""
        return self.scheme != "none"

    def loss(self):
        """Minus the log-likelihood of a sentence's tags."""
        return TagLikelihood()

    def metrics(self):
        """The F1 score of spans where there are some, or right tokens."""
        if self.entities:
            return [SpanF1(self.labels, self.scheme, name="f1")]
        return [TokenAccuracy(name="accuracy")]

    def measures(self):
        """F1 of spans where there are some; the share of right tokens."""
        found = [
            Measure("accuracy", self._tokens, unit="share", reduce=_share),
            Measure("nll", _nll, better="lower", unit="nat"),
        ]
        if self.entities:
            spans = Measure(
                "f1", self._spans, unit="share", reduce=f1_of_counts
            )
            found.insert(0, spans)
        return found

    def _tokens(self, y, outputs):
        y = np.asarray(y)
        hit = (self.decode(outputs) == y) & (y >= 0)
        return np.stack([hit.sum(1), (y >= 0).sum(1)], 1).astype("float64")

    def _spans(self, y, outputs):
        counts = span_counts(y, self.decode(outputs), self.labels)
        return ops.convert_to_numpy(counts).astype("float64")

    def decode(self, outputs):
        """Gives the best tags of many sentences.

        Args:
            outputs: float array (n, time, tags), logits, or (n, time, tags,
                tags), potentials.

        Returns:
            int array (n, time); -1 where there is no token.
        """
        found = [
            ops.convert_to_numpy(
                tags_of(ops.array(outputs[i : i + _ROWS]), self._forbidden)
            )
            for i in range(0, len(outputs), _ROWS)
        ]
        return np.concatenate(found) if found else np.zeros((0, 0), "int32")

    @property
    def _forbidden(self):
        return forbidden_pairs(self.labels, self.scheme)

    def predict(self, outputs):
        """Gives the best tags, and the probability of each tag.

        Args:
            outputs: float tensor, logits or potentials.

        Returns:
            dict with `label` (batch, time) int, -1 where there is no token,
            and `probability` (batch, time, tags); the exporter adds the
            tags' names.
        """
        outputs = ops.cast(outputs, "float32")
        chain = len(outputs.shape) == 4
        share = chain_marginals(outputs) if chain else ops.softmax(outputs, -1)
        return {
            "label": tags_of(outputs, self._forbidden),
            "probability": share,
        }

    def check(self, y, where="Tagging"):
        """Checks that tags are whole numbers from -1 below the tags."""
        y = np.asarray(y)
        whole = y.ndim == 2 and np.issubdtype(y.dtype, np.integer)
        if not whole:
            raise ValueError(
                message(
                    where,
                    "tags must be whole numbers of shape (n, time)",
                    {"shape": y.shape, "dtype": str(y.dtype)},
                )
            )
        if y.size and (y.min() < -1 or y.max() >= self.units):
            raise ValueError(
                message(
                    where,
                    f"tags must lie in [0, {self.units - 1}], or be -1 for "
                    "none",
                    {"min": y.min().item(), "max": y.max().item()},
                )
            )


def tags_of(outputs, forbidden=()):
    """Finds the best tags.

    Args:
        outputs: float tensor (batch, time, tags), logits, or (batch, time,
            tags, tags), potentials.
        forbidden: list of pairs of tags that must not follow each other.

    Returns:
        int32 tensor (batch, time); -1 where there is no token.

    Example:
        >>> tags_of(ops.array([[[0.0, 2.0, 1.0]]])).numpy().tolist()
        [[1]]
        >>> tags_of(ops.array([[[0.0, 2.0, 1.0]]]), [(-1, 1)]).numpy().tolist()
        [[2]]
    """
    outputs = ops.cast(outputs, "float32")
    if len(outputs.shape) == 3:
        absent = absent_steps(outputs[:, :, None, :])
        if not forbidden:
            best = ops.cast(ops.argmax(outputs, -1), "int32")
            return ops.where(absent, -1, best)
        outputs = chained(outputs)
    return best_tags(constrained(outputs, forbidden))


def _share(rows):
    right, count = np.asarray(rows).sum(0)
    return float(right / count) if count else 0.0


def _nll(y, outputs):
    loss = TagLikelihood(reduction="none")
    found = [
        ops.convert_to_numpy(loss(y[i : i + _ROWS], outputs[i : i + _ROWS]))
        for i in range(0, len(y), _ROWS)
    ]
    return np.concatenate(found).astype("float64")


@keras.saving.register_keras_serializable("kerasgen.task")
class TagLikelihood(keras.losses.Loss):
    """Minus the log-likelihood of a sentence's tags.

    Of logits it is the sum of the tokens' cross-entropies, of potentials that
    of the chain.

    Args:
        name: str.
        reduction: str, as in Keras.
        dtype: str, as in Keras.

    Example:
        >>> loss = TagLikelihood()
        >>> float(loss([[0, 1, -1]], ops.zeros((1, 3, 2))))  # 2 log 2
        1.38...
    """

    def __init__(
        self, name="tag_likelihood", reduction="sum_over_batch_size", dtype=None
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true, y_pred):
        """Gives one number a sentence, in nats."""
        if len(y_pred.shape) == 4:
            return ChainLikelihood(reduction="none").call(y_true, y_pred)
        y = ops.cast(y_true, "int32")
        logs = ops.log_softmax(ops.cast(y_pred, "float32"), -1)
        own = ops.take_along_axis(logs, ops.maximum(y, 0)[..., None], -1)
        there = (y >= 0) & ~absent_steps(y_pred[:, :, None, :])
        return -ops.sum(ops.where(there, own[..., 0], 0.0), -1)


@keras.saving.register_keras_serializable("kerasgen.metric")
class TokenAccuracy(keras.metrics.Mean):
    """Share of right tags among the tokens that have one.

    Args:
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> metric = TokenAccuracy()
        >>> metric.update_state([[0, 1, -1]], ops.zeros((1, 3, 2)))
        >>> float(metric.result())
        0.5
    """

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts a batch.

        Args:
            y_true: whole numbers (batch, time), -1 for none.
            y_pred: float tensor, logits or potentials.
            sample_weight: float (batch,), or None.
        """
        y = ops.cast(y_true, "int32")
        weight = ops.cast(y >= 0, "float32")
        if sample_weight is not None:
            given = ops.cast(sample_weight, "float32")
            weight = weight * ops.reshape(given, (-1, 1))
        hit = ops.cast(tags_of(y_pred) == y, "float32")
        super().update_state(hit, weight)


@keras.saving.register_keras_serializable("kerasgen.metric")
class SpanF1(keras.metrics.Metric):
    """F1 score of spans over all that was seen.

    Args:
        labels: tuple of str, the names of the tags.
        scheme: str, see `Tagging`.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> metric = SpanF1(("O", "B-X", "I-X"))
        >>> metric.update_state([[1, 2, 0]], ops.eye(3)[None])
        >>> float(metric.result())
        0.0
    """

    def __init__(self, labels, scheme="BIO", name="f1", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.labels, self.scheme = tuple(labels), scheme
        self._direction = "up"
        self.counts = self.add_weight(
            shape=(3,), initializer="zeros", name="counts"
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts the spans of a batch; weights don't matter to it."""
        forbidden = forbidden_pairs(self.labels, self.scheme)
        found = span_counts(y_true, tags_of(y_pred, forbidden), self.labels)
        self.counts.assign_add(ops.sum(found, 0))

    def result(self):
        """Gives the score so far."""
        right, found, true = self.counts[0], self.counts[1], self.counts[2]
        return 2.0 * right / ops.maximum(found + true, 1.0)

    def get_config(self):
        """Gives the metric's arguments."""
        own = {"labels": list(self.labels), "scheme": self.scheme}
        return {**super().get_config(), **own}
