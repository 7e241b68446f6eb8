"""GroupDRO (Sagawa et al., 2020): the worst group counts most."""

from keras import ops

from kerasgen.core import Float, Int, mean, register
from kerasgen.methods.grouped import Grouped


@register("method")
class GroupDRO(Grouped):
    """Weighs groups by their risks, which move the weights step by step.

    Args:
        model: keras.Model, logits out.
        task: kerasgen.Task.
        rate: float >= 0, by how much the logarithm of a group's weight grows
            with its risk in a step; 0 weighs all groups alike.
        groups: int >= 1, the weights that are kept: group g has the weight
            g modulo `groups`.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, or an
            argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Sagawa et al., "Distributionally Robust Neural Networks for Group
        Shifts", 2020, arXiv:1911.08731, algorithm 1; weights are normalised
        over the groups of a batch.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = GroupDRO(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x = {"inputs": ops.ones((8, 4)), "group": ops.arange(8) % 2}
        >>> sorted(method.fit(x, ops.zeros((8,)), verbose=0).history)
        ['accuracy', 'loss']
    """

    arguments = {
        "rate": Float(0.0, search=(1e-3, 0.1), log=True),
        "groups": Int(1),
    }

    def __init__(
        self, model, task, *, rate=0.01, groups=64, step="descent", name=None
    ):
        super().__init__(
            model, task, step=step, name=name, rate=rate, groups=groups
        )
        self.logs = self.add_weight(
            shape=(groups,),
            initializer="zeros",
            trainable=False,
            dtype="float32",
            aggregation="mean",
            name="log_weights",
        )

    def objective(self, batch):
        """Gives the weighted risk of the groups; see `Method.objective`."""
        outputs = self.model(batch["x"], training=True)
        risks = self.risks(batch, outputs)
        place = ops.reshape(ops.cast(batch["group"], "int32"), (-1,))
        member = ops.one_hot(place % self.groups, self.groups)
        size = ops.sum(member, 0)
        here = ops.cast(size > 0, "float32")
        found = ops.matmul(risks[None, :], member)[0] / ops.maximum(size, 1.0)
        moved = self.logs + self.rate * ops.stop_gradient(found)
        # Only differences matter; the greatest stays at zero.
        self.logs.assign(moved - ops.max(moved))
        weights = here * ops.exp(ops.convert_to_tensor(self.logs))
        weights = weights / ops.maximum(ops.sum(weights), 1e-12)
        return {"task": mean(ops.sum(weights * found))}, outputs
