"""Barlow Twins (Zbontar et al., 2021): features agree and don't repeat."""

from kerasgen.core import Float, Int, mean, register
from kerasgen.losses import redundancy
from kerasgen.methods.pretraining import TwoViews
from kerasgen.methods.views import VIEW


@register("method")
class BarlowTwins(TwoViews):
    """Trains features without labels to agree on views, each on its own.

    Each feature of one view is to correlate with the same feature of the
    other view and with no other one. Train the same model by another method
    afterwards.

    Args:
        model: keras.Model, with a layer `head`, which stays as it is.
        task: kerasgen.Task.
        weight: float >= 0, of the correlations between different features.
        width: int >= 1, of the projector's two layers; the wider, the better.
        view: augmentation of prepared examples, its name or description, or a
            list of them; None: a shift, turn, stretch and hidden square for
            images, numbers of other rows for rows, and noise.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, an argument is out of range, or inputs need a view of
            their own.
        TypeError: for a model that is no keras.Model.

    Source:
        Zbontar et al., "Barlow Twins: Self-Supervised Learning via Redundancy
        Reduction", 2021, arXiv:2103.03230, equations 1 and 2; the loss is
        divided by the number of features.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = BarlowTwins(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.random.normal((8, 4), seed=0), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['loss', 'redundancy']
    """

    arguments = {
        "weight": Float(0.0, search=(1e-3, 0.1), log=True),
        "width": Int(1),
        "view": VIEW,
    }
    terms = ("redundancy",)

    def __init__(
        self,
        model,
        task,
        *,
        weight=0.005,
        width=256,
        view=None,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            width=width,
            view=view,
        )

    def compared(self, one, two):
        """Gives how far the cross-correlation is from the identity."""
        return mean(redundancy(one, two, self.weight)) / self.width
