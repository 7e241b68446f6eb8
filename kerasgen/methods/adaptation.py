"""What methods of domain adaptation share."""

import keras
from keras import ops

from kerasgen.core import message, split, unpack
from kerasgen.layers.gradient import growth
from kerasgen.methods.base import Method
from kerasgen.methods.statistics import own_statistics, unmoved


class Adaptation(Method):
    """A method that sees unlabelled examples of a target domain.

    The model that is left is for the target, so batch normalization must
    answer it after training as it did in training. Where the domains pass
    the model one after the other, each is normalised by its own batch, and
    the moving statistics are the target's alone (AdaBN is that and nothing
    else). Where they pass it as one batch, both are normalised alike, and the
    moving statistics are those of both together.

    What `fit` validates on is the source, whose moving statistics aren't
    kept: there each batch is normalised by itself. `evaluate` asks the model
    as it will be used.

    Attributes:
        classes_only: bool, whether the task must have classes.
        one_batch: bool, whether both domains pass the model as one batch.
    """

    needs = ("unlabeled",)
    classes_only = False
    one_batch = False

    def __init__(self, model, task, **kwargs):
        super().__init__(model, task, **kwargs)
        where = type(self).__name__
        if self.classes_only and not getattr(task, "classes", None):
            raise ValueError(
                message(
                    where,
                    "the task must have classes",
                    {"task": type(task).__name__},
                    "CORAL, DAN and DANN work for numbers too.",
                )
            )
        self.features, self.head = split(model)
        self._validates = False

    def feature_width(self):
        """Gives how many numbers the features of an example are."""
        width = 1
        for side in self.features.output_shape[1:]:
            width *= side
        return width

    def grown(self):
        """Gives how far the target has joined by now, along `ramp`."""
        return growth(self.optimizer.iterations, self.ramp)

    def both(self, batch):
        """Runs the model on both domains, one after the other.

        Only the target moves the moving statistics of batch normalization.

        Args:
            batch: dict with `x` and `unlabeled`.

        Returns:
            Features of the source and of the target, (n, d) and (m, d), and
            the outputs for both.
        """
        with unmoved(self.model):
            source, outputs = self._run(batch["x"])
        target, guesses = self._run(batch["unlabeled"])
        return flat(source), flat(target), outputs, guesses

    def _run(self, x):
        seen = self.features(x, training=True)
        return seen, self.head(seen, training=True)

    def mixed(self, batch):
        """Runs the features on both domains as one batch.

        Where classes are not as frequent in one domain as in the other, batch
        normalization by domain would hide that; this normalises both alike,
        and the target is normalised so after training, too.

        Args:
            batch: dict with `x` and `unlabeled`.

        Returns:
            Features of the source and of the target, as the head takes them.
        """
        n = ops.shape(keras.tree.flatten(batch["x"])[0])[0]
        seen = self.features(both_domains(batch), training=True)
        return seen[:n], seen[n:]

    def evaluate(self, *args, **kwargs):
        """Evaluates, as `keras.Model.evaluate` does."""
        inside = getattr(self, "training_data", None) is not None
        if inside != self._validates:
            self._validates, self.test_function = inside, None
        return super().evaluate(*args, **kwargs)

    def test_step(self, data):
        """Evaluates a batch; in `fit`, by statistics of its own."""
        if not self._validates or self.one_batch:
            return super().test_step(data)
        with own_statistics(self.model, unpack(data)["x"]):
            return super().test_step(data)

    def normalized(self, batch):
        """Gives what moving statistics are of; see `Method.normalized`."""
        return both_domains(batch) if self.one_batch else batch["unlabeled"]


def both_domains(batch):
    """Puts both domains into one batch.

    Args:
        batch: dict with `x` and `unlabeled`.

    Returns:
        Inputs of the model, the source's before the target's.

    Example:
        >>> batch = {"x": ops.ones((2, 3)), "unlabeled": ops.ones((1, 3))}
        >>> both_domains(batch).shape
        TensorShape([3, 3])
    """
    return keras.tree.map_structure(
        lambda *parts: ops.concatenate(parts, 0),
        batch["x"],
        batch["unlabeled"],
    )


def flat(x):
    """Writes features as one row an example.

    Args:
        x: float tensor (n, ...).

    Returns:
        float32 tensor (n, d).

    Example:
        >>> flat(ops.ones((2, 3, 4))).shape
        TensorShape([2, 12])
    """
    if len(x.shape) > 2:
        x = ops.reshape(x, (ops.shape(x)[0], -1))
    return ops.cast(x, "float32")
