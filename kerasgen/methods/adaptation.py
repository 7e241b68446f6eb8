"""What methods of domain adaptation share."""

import keras
from keras import ops

from kerasgen.core import message, split
from kerasgen.methods.base import Method


class Adaptation(Method):
    """A method that sees unlabelled examples of a target domain.

    Both domains pass the model one after the other, so that batch
    normalization normalises each by its own batch, and its moving statistics
    average both.

    Attributes:
        classes_only: bool, whether the task must have classes.
    """

    needs = ("unlabeled",)
    classes_only = False

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

    def feature_width(self):
        """Gives how many numbers the features of an example are."""
        width = 1
        for side in self.features.output_shape[1:]:
            width *= side
        return width

    def both(self, batch):
        """Runs the model on both domains.

        Args:
            batch: dict with `x` and `unlabeled`.

        Returns:
            Features of the source and of the target, (n, d) and (m, d), and
            the outputs for both.
        """
        source, target = batch["x"], batch["unlabeled"]
        seen = [self.features(x, training=True) for x in (source, target)]
        outputs = [self.head(each, training=True) for each in seen]
        return (*map(flat, seen), *outputs)

    def mixed(self, batch):
        """Runs the features on both domains as one batch.

        Where classes are not as frequent in one domain as in the other, batch
        normalization by domain would hide that; this normalises both alike.

        Args:
            batch: dict with `x` and `unlabeled`.

        Returns:
            Features of the source and of the target, as the head takes them.
        """
        source, target = batch["x"], batch["unlabeled"]
        whole = keras.tree.map_structure(
            lambda *parts: ops.concatenate(parts, 0), source, target
        )
        n = ops.shape(keras.tree.flatten(source)[0])[0]
        seen = self.features(whole, training=True)
        return seen[:n], seen[n:]


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
