"""CORAL across sources (Sun & Saenko, 2016): all domains get one covariance."""

from kerasgen.core import Float, mean, message, register, split
from kerasgen.losses import covariance_spread
from kerasgen.methods.grouped import Grouped


@register("method")
class GroupCORAL(Grouped):
    """Makes means and covariances of the features of all domains equal.

    Args:
        model: keras.Model, logits out, with a layer `head` on a vector.
        task: kerasgen.Task.
        weight: float >= 0, of the mean distance of two domains; 0 is ERM.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head` on a vector, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Sun & Saenko, "Deep CORAL", 2016, arXiv:1607.01719, between every two
        sources and with the distance of means, as Gulrajani & Lopez-Paz, "In
        Search of Lost Domain Generalization", 2021, arXiv:2007.01434, have
        it, whose best method on OfficeHome and second on PACS it is.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = GroupCORAL(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x = {"inputs": keras.ops.ones((8, 4)), "group": [0, 1] * 4}
        >>> x["group"] = keras.ops.array(x["group"])
        >>> logs = method.fit(x, keras.ops.zeros((8,)), verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'coral', 'loss', 'task']
    """

    arguments = {"weight": Float(0.0, search=(0.1, 10.0), log=True)}
    terms = ("task", "coral")

    def __init__(self, model, task, *, weight=1.0, step="descent", name=None):
        super().__init__(model, task, step=step, name=name, weight=weight)
        self.features, self.head = split(model)
        shape = self.features.output_shape
        if len(shape) != 2:
            raise ValueError(
                message(
                    "GroupCORAL",
                    "the head must stand on a vector",
                    {"features": tuple(shape)},
                )
            )

    def objective(self, batch):
        """Gives the loss and the distance; see `Method.objective`."""
        features = self.features(batch["x"], training=True)
        outputs = self.head(features, training=True)
        gap = self.weight * mean(covariance_spread(features, batch["group"]))
        return {"task": self.task_loss(batch, outputs), "coral": gap}, outputs
