"""What methods that learn features without labels share."""

import keras
from keras import ops

from kerasgen.core import split
from kerasgen.methods.handed import Handed
from kerasgen.methods.semi_supervised import joined
from kerasgen.methods.views import View


class Pretraining(Handed):
    """A method that trains all of a model but its head, without labels.

    Train the same model by another method afterwards. It learns from `x`, and
    from `unlabeled` where batches carry it; labels are not looked at, so that
    `fit(data.batches("unlabeled", shuffle=True))` works as well. The head
    stays as it is: no metrics are shown unless they are asked for, and what
    `evaluate` and validation show is the loss of that head.
    """

    def __init__(self, model, task, **kwargs):
        super().__init__(model, task, **kwargs)
        self.features, self.head = split(model)
        self._seed = keras.random.SeedGenerator()

    def compile(self, optimizer="adam", metrics=None, **kwargs):
        """Sets the optimizer; see `Method.compile`.

        Args:
            optimizer: as in `Method.compile`.
            metrics: list of Keras metrics of the outputs, which are those of
                a head that isn't trained, or None for none.
            **kwargs: further arguments of `keras.Model.compile`.
        """
        self._shown = bool(metrics)
        super().compile(optimizer, metrics or [], **kwargs)
        if not self._shown:
            # An empty list is one that waits for outputs to be built on.
            self._compile_metrics = None

    def width_of(self):
        """Gives the width of an example's features."""
        return self.features.output_shape[-1]

    def examples(self, batch):
        """Gives all inputs of a batch, those with labels first."""
        if batch.get("unlabeled") is None:
            return batch["x"]
        return joined(batch["x"], batch["unlabeled"])

    def outputs(self, batch, features):
        """Gives what the head makes of `x`, where metrics want to see it.

        Args:
            batch: dict with `x`.
            features: features of all inputs of the batch, or None.

        Returns:
            The outputs, through which no gradient flows, or None.
        """
        if not self._shown:
            return None
        if features is None:
            return ops.stop_gradient(self.model(batch["x"], training=False))
        n = ops.shape(keras.tree.flatten(batch["x"])[0])[0]
        return ops.stop_gradient(self.head(features[:n], training=False))


def pooled(features):
    """Averages features over places or time, where there are any.

    Args:
        features: float tensor (n, ..., d).

    Returns:
        float32 tensor (n, d).

    Example:
        >>> pooled(ops.ones((2, 3, 4))).shape
        TensorShape([2, 4])
    """
    features = ops.cast(features, "float32")
    between = tuple(range(1, len(features.shape) - 1))
    return ops.mean(features, between) if between else features


def projector(seen, width, name="projector"):
    """Makes the network between features and the loss of two views.

    Args:
        seen: int, the width of the features.
        width: int, of its hidden layer and of what it gives.
        name: str.

    Returns:
        keras.Sequential, built.

    Source:
        Chen et al., "A Simple Framework for Contrastive Learning of Visual
        Representations", 2020, arXiv:2002.05709, section 2.1.

    Example:
        >>> projector(4, 8).output_shape
        (None, 8)
    """
    network = keras.Sequential(
        [
            keras.layers.Dense(width, use_bias=False, dtype="float32"),
            keras.layers.BatchNormalization(momentum=0.9, dtype="float32"),
            keras.layers.ReLU(dtype="float32"),
            keras.layers.Dense(width, dtype="float32"),
        ],
        name=name,
    )
    network.build((None, seen))
    return network


class TwoViews(Pretraining):
    """Pretraining by two views of each example.

    A subclass declares `width` and `view`, and writes `compared`.
    """

    def __init__(self, model, task, *, width, view, **kwargs):
        super().__init__(model, task, width=width, view=view, **kwargs)
        where = type(self).__name__
        # XLA has no kernel for moving images.
        self.supports_jit = False
        self.view = View(where, "view", view, model, strong=True)
        self.project = projector(self.width_of(), width)

    def players(self):
        """Lets features and projector move; see `Method.players`."""
        parts = self.features, self.project
        return {"model": sum((p.trainable_variables for p in parts), [])}

    def compared(self, one, two):
        """Gives the scalar term of two projections (n, d)."""
        raise NotImplementedError

    def objective(self, batch):
        """Gives the loss of two views; see `Method.objective`."""
        x = self.examples(batch)
        seen = [
            self.features(self.view(x, self._seed), training=True)
            for _ in range(2)
        ]
        found = [self.project(pooled(h), training=True) for h in seen]
        term = self.compared(*found)
        return {self.terms[0]: term}, self.outputs(batch, seen[0])
