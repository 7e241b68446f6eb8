"""M3SDA (Peng et al., 2019): several sources and a target get one moment."""

from kerasgen.core import Float, Int, mean, register
from kerasgen.losses import domain_moment_gap
from kerasgen.methods.adaptation import Adaptation


@register("method")
class M3SDA(Adaptation):
    """Brings moments of several sources to the target's and each other's.

    Groups tell which source an example is of; a batch needn't have all of
    them. With one source only the distance to the target is left.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        weight: float >= 0, of the distances of moments; 0 is ERM.
        order: int >= 1, the highest moment.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Peng et al., "Moment Matching for Multi-Source Domain Adaptation",
        2019, arXiv:1812.01754, equations 1 and 2. All domains share one head;
        they have one for each source, or two.

    Example:
        >>> import kerasgen as kg
        >>> from keras import ops
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = M3SDA(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> fields = {"inputs": x, "unlabeled": x, "group": ops.arange(8) % 2}
        >>> sorted(method.fit(fields, y, verbose=0).history)
        ['accuracy', 'loss', 'sources', 'target', 'task']
    """

    needs = ("unlabeled", "group")
    arguments = {
        "weight": Float(0.0, search=(0.003, 1.0), log=True),
        "order": Int(1, search=(1, 4)),
    }
    terms = ("task", "target", "sources")

    def __init__(
        self, model, task, *, weight=0.1, order=2, step="descent", name=None
    ):
        super().__init__(
            model, task, step=step, name=name, weight=weight, order=order
        )

    def objective(self, batch):
        """Gives the loss and both distances; see `Method.objective`."""
        source, target, outputs, _ = self.both(batch)
        far, apart = domain_moment_gap(
            source, batch["group"], target, self.order
        )
        return {
            "task": self.task_loss(batch, outputs),
            "target": self.weight * mean(far),
            "sources": self.weight * mean(apart),
        }, outputs
