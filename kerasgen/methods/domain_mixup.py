"""Mixup across domains: pairs come from different groups."""

import keras
from keras import ops

from kerasgen.core import Float, beta_share, register
from kerasgen.methods.grouped import Grouped
from kerasgen.methods.manifold_mixup import floats


@register("method")
class DomainMixup(Grouped):
    """Mixes each example with one of another domain, and both labels.

    Args:
        model: keras.Model of float inputs, logits out.
        task: kerasgen.Task.
        alpha: float >= 0, both parameters of the Beta distribution of the
            share of the first example; one draw for each batch; 0 mixes
            nothing.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, an argument
            is out of range, or inputs are whole numbers.
        TypeError: for a model that is no keras.Model.

    Source:
        Wang et al., "Heterogeneous Domain Generalization via Domain Mixup",
        2020, arXiv:2009.05448; mixup: Zhang et al., 2018, arXiv:1710.09412.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = DomainMixup(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x = {"inputs": ops.ones((8, 4)), "group": ops.arange(8) % 2}
        >>> sorted(method.fit(x, ops.zeros((8,)), verbose=0).history)
        ['accuracy', 'loss']
    """

    arguments = {"alpha": Float(0.0, search=(0.0, 1.0))}

    def __init__(self, model, task, *, alpha=0.2, step="descent", name=None):
        super().__init__(model, task, step=step, name=name, alpha=alpha)
        self._seed = keras.random.SeedGenerator()

    def objective(self, batch):
        """Gives the loss of both labels; see `Method.objective`."""
        if not self.alpha:
            outputs = self.model(batch["x"], training=True)
            return {"task": self.task_loss(batch, outputs)}, outputs
        other = strangers(batch["group"], self._seed)
        share = beta_share(self.alpha, self._seed)

        def taken(values):
            return keras.tree.map_structure(
                lambda value: ops.take(value, other, axis=0), values
            )

        def mixed(one):
            part = ops.cast(share, one.dtype)
            return part * one + (1 - part) * ops.take(one, other, axis=0)

        x = keras.tree.map_structure(lambda v: mixed(floats(v)), batch["x"])
        outputs = self.model(x, training=True)
        weight = batch["weight"]
        second = {
            "y": taken(batch["y"]),
            "weight": None if weight is None else taken(weight),
        }
        loss = share * self.task_loss(batch, outputs)
        loss += (1 - share) * self.task_loss(second, outputs)
        return {"task": loss}, outputs


def strangers(group, seed):
    """Draws for each example one of another group, where there is one.

    Args:
        group: int tensor (n,).
        seed: keras.random.SeedGenerator.

    Returns:
        int tensor (n,), places in the batch.

    Example:
        >>> seed = keras.random.SeedGenerator(0)
        >>> found = strangers(ops.array([0, 0, 1]), seed)
        >>> [int(place) for place in found[:2]]
        [2, 2]
    """
    group = ops.reshape(group, (-1,))
    n = ops.shape(group)[0]
    chance = keras.random.uniform((n, n), seed=seed)
    apart = ops.cast(ops.not_equal(group[:, None], group[None, :]), "float32")
    return ops.argmax(chance + 2.0 * apart, 1)
