"""Deep CCA (Andrew et al., 2013): two views of an example are correlated."""

import keras

from kerasgen.core import Float, Int, Shape, mean, message, register
from kerasgen.losses import canonical_correlations
from kerasgen.methods.adaptation import Adaptation, flat
from kerasgen.methods.coder import encoder, input_of


@register("method")
class DeepCCA(Adaptation):
    """Learns features that correlate with another view of the same examples.

    The features of the model, brought to a few dimensions, and a network on
    the other view are made to have great canonical correlations. What both
    views tell of an example is thereby in the features, and pairs need no
    labels. The other view is there in training only.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        weight: float >= 0, of one minus the mean correlation; 0 is ERM.
        shape: tuple, of one example of the other view; None takes that of the
            model's input.
        dimensions: int >= 1, in which the views are correlated. A batch must
            have several times as many pairs.
        ridge: float >= 0, added to the views' variances, in units of their
            mean.
        width: int >= 1, of the hidden layers on the other view.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Andrew et al., "Deep Canonical Correlation Analysis", 2013, equation
        10, with the task's loss beside it, and batches for their whole data,
        as Wang et al., "On Deep Multi-View Representation Learning", 2015,
        section 3, show to work.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = DeepCCA(model, kg.Classification(2), shape=(3,))
        >>> method.compile("adam")
        >>> x, view, y = (keras.ops.ones(s) for s in ((8, 4), (8, 3), (8,)))
        >>> fields = {"inputs": x, "pairs": {"x": x, "view": view}}
        >>> sorted(method.fit(fields, y, verbose=0).history)
        ['accuracy', 'correlation', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.1, 10.0), log=True),
        "shape": Shape(),
        "dimensions": Int(1, search=(2, 16)),
        "ridge": Float(0.0, search=(1e-4, 1e-1), log=True),
        "width": Int(1),
    }
    needs = ("pairs",)
    terms = ("task", "correlation")

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        shape=None,
        dimensions=8,
        ridge=1e-2,
        width=32,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            shape=shape,
            dimensions=dimensions,
            ridge=ridge,
            width=width,
        )
        shape = self.shape or input_of("DeepCCA", model)
        self.encoder = encoder(shape, dimensions, width, None)
        self.projection = keras.layers.Dense(
            dimensions, dtype="float32", name="projection"
        )
        self.projection.build((None, self.feature_width()))

    def players(self):
        """Lets the other view's network move too; see `Method.players`."""
        parts = (self.model, self.projection, self.encoder)
        return {"model": [v for p in parts for v in p.trainable_variables]}

    def codes(self, x, view, training=False):
        """Brings both views to the space in which they are correlated.

        Args:
            x: batch of the model's inputs.
            view: batch of the other view.
            training: bool.

        Returns:
            Pair of float tensors (n, dimensions).

        Raises:
            ValueError: for a view of another shape than the method's.
        """
        check_shape("DeepCCA", view, self.encoder)
        seen = flat(self.features(x, training=training))
        return self.projection(seen), self.encoder(view, training=training)

    def objective(self, batch):
        """Gives the task's loss and what correlation lacks."""
        outputs = self.model(batch["x"], training=True)
        pairs = batch["pairs"]
        codes = self.codes(pairs["x"], pairs["view"], training=True)
        found = canonical_correlations(*codes, ridge=self.ridge)
        return {
            "task": self.task_loss(batch, outputs),
            "correlation": self.weight * mean(1.0 - found),
        }, outputs


def check_shape(where, x, network):
    """Checks that what stands beside has the shape that a network takes.

    Args:
        where: str, the method.
        x: tensor (n, ...).
        network: keras.Model.

    Raises:
        ValueError: for another shape.

    Example:
        >>> check_shape("here", keras.ops.ones((2, 3)), encoder((3,), 2, 4))
    """
    expected = tuple(network.input_shape[1:])
    found = getattr(x, "shape", None)
    if found is not None and tuple(found[1:]) != expected:
        raise ValueError(
            message(
                where,
                "what stands beside must have the shape that the method knows",
                {"shape": expected, "got": tuple(found[1:])},
                "Pass shape= to the method.",
            )
        )
