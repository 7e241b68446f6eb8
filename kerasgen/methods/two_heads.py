"""Two heads on one body, which disagree where the target is strange."""

import keras
from keras import ops

from kerasgen.core import fresh_layer, mean
from kerasgen.methods.adaptation import Adaptation
from kerasgen.methods.base import Phase
from kerasgen.methods.statistics import unmoved


class TwoHeads(Adaptation):
    """A method with a second head; a subclass says how far the two disagree.

    Each training step moves three times: all on the source's labels; the
    heads alone apart on the target, while they keep the labels; `moves` times
    the features alone, so that the heads agree. The model keeps its own head;
    the second serves training only. One optimizer makes all the moves: of its
    own, Adam would make the disagreement's small gradients as long as those of
    the labels, and the features would forget the labels.

    A subclass declares `weight` and `moves`, and writes `disagreement`.
    """

    terms = ("task", "apart", "together")
    classes_only = True

    def __init__(self, model, task, **values):
        super().__init__(model, task, **values)
        self.second = fresh_layer(self.head, "second")

    def players(self):
        """Names who moves: all, the heads, the features."""
        heads = [
            *self.head.trainable_variables,
            *self.second.trainable_variables,
        ]
        return {
            "model": [
                *self.model.trainable_variables,
                *self.second.trainable_variables,
            ],
            "heads": heads,
            "features": self.features.trainable_variables,
        }

    def phases(self):
        """Lists the moves; see `Method.phases`."""
        return [
            Phase(self.objective),
            Phase(self.apart, "heads", "model"),
            *[Phase(self.together, "features", "model")] * self.moves,
        ]

    def objective(self, batch):
        """Gives the loss of both heads; see `Method.objective`."""
        source = self._source(batch)
        outputs = self.head(source, training=True)
        return {"task": self._labels(batch, source, outputs)}, outputs

    def apart(self, batch):
        """Gives the labels' loss less the disagreement on the target."""
        source, target = map(
            ops.stop_gradient, (self._source(batch), self._target(batch))
        )
        lost = self._labels(batch, source, self.head(source))
        return {"apart": lost - self._gap(target)}, None

    def together(self, batch):
        """Gives the disagreement on the target."""
        return {"together": self._gap(self._target(batch))}, None

    def _source(self, batch):
        with unmoved(self.model):
            return self.features(batch["x"], training=True)

    def _target(self, batch):
        return self.features(batch["unlabeled"], training=True)

    def _labels(self, batch, features, outputs):
        other = self.second(features)
        one, two = (self.task_loss(batch, each) for each in (outputs, other))
        return 0.5 * (one + two)

    def _gap(self, features):
        one, two = (
            ops.softmax(ops.cast(head(features), "float32"))
            for head in (self.head, self.second)
        )
        return self.weight * mean(self.disagreement(one, two))

    def disagreement(self, one, two):
        """Says how far two batches of probabilities (n, classes) differ."""
        raise NotImplementedError


def directions(width, count, seed):
    """Draws directions on the unit sphere.

    Args:
        width: int, the number of dimensions.
        count: int, how many.
        seed: keras.random.SeedGenerator.

    Returns:
        float tensor (width, count) with columns of length 1.

    Example:
        >>> found = directions(3, 5, keras.random.SeedGenerator(0))
        >>> float(ops.max(ops.abs(ops.norm(found, axis=0) - 1))) < 1e-5
        True
    """
    drawn = keras.random.normal((width, count), seed=seed)
    return drawn / ops.maximum(ops.norm(drawn, axis=0, keepdims=True), 1e-12)
