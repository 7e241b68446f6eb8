"""Decoupled training (Kang et al., 2020): a balanced head on given features."""

import keras
import numpy as np

from kerasgen.core import (
    Choice,
    Float,
    clone,
    fresh_layer,
    instance,
    register,
    split,
)
from kerasgen.methods.class_balance import ClassBalance


@register("method")
class HeadRetraining(ClassBalance):
    """Trains the head alone anew, with classes that count alike.

    The second stage of training on unequal classes: the first, by any other
    method, has given the features, which stay as they are.

    Args:
        model: keras.Model that is trained, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        fresh: bool, whether the head starts from new weights.
        power: float in [0, 1.5]: classes are weighted by their shares to the
            power of its negative; 0 weighs nothing, 1 makes them count alike.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Kang et al., "Decoupling Representation and Classifier for Long-Tailed
        Recognition", 2020, arXiv:1910.09217, section 4.1 (cRT). Classes are
        weighted here where they are drawn alike there, which has the same
        mean; `kerasgen.data.balance` draws.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = HeadRetraining(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'loss']
    """

    arguments = {
        "fresh": Choice((True, False), search=(True, False)),
        "power": Float(0.0, 1.5, search=(0.25, 1.25)),
    }

    def __init__(
        self, model, task, *, fresh=True, power=1.0, step="descent", name=None
    ):
        super().__init__(
            model, task, step=step, name=name, fresh=fresh, power=power
        )
        self.features, self.head = split(model)
        if self.fresh:
            self.head.set_weights(fresh_layer(self.head).get_weights())

    def players(self):
        """Names who moves: the head."""
        return {"model": self.head.trainable_variables}

    def objective(self, batch):
        """Gives the weighted loss; see `Method.objective`."""
        seen = self.features(batch["x"], training=False)
        outputs = self.head(keras.ops.stop_gradient(seen))
        batch = self.weigh(batch, self.class_weights(self.power))
        return {"task": self.task_loss(batch, outputs)}, outputs


def tau_normalized(model, tau=1.0):
    """Makes a copy whose head has class weights of more equal length.

    Frequent classes get longer weight vectors in training; each is divided by
    its length to the power of tau. Offsets are dropped.

    Args:
        model: keras.Model that is trained, with a dense layer `head`.
        tau: float in [0, 1]; 0 leaves the weights, 1 makes them unit vectors.

    Returns:
        keras.Model.

    Raises:
        ValueError: for a model without `head`, or tau out of range.
        TypeError: for a model that is no keras.Model, or another head.

    Source:
        Kang et al., "Decoupling Representation and Classifier for Long-Tailed
        Recognition", 2020, arXiv:1910.09217, equation 4.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> kernel = tau_normalized(model).get_layer("head").kernel
        >>> np.linalg.norm(kernel.numpy(), axis=0).round(4).tolist()
        [1.0, 1.0]
    """
    where = "tau_normalized"
    instance(where, "model", model, keras.Model)
    tau = Float(0.0, 1.0).check(where, "tau", tau)
    _, head = split(model)
    instance(where, "head", head, keras.layers.Dense)
    copy = clone(model)
    kernel, *rest = head.get_weights()
    length = np.linalg.norm(kernel, axis=0, keepdims=True)
    kernel = kernel / np.maximum(length, 1e-12) ** tau
    copy.get_layer("head").set_weights([kernel, *map(np.zeros_like, rest)])
    return copy
