"""SimCLR (Chen et al., 2020): a view finds its partner among all others."""

from kerasgen.core import Float, Int, mean, register
from kerasgen.losses import contrast
from kerasgen.methods.pretraining import TwoViews
from kerasgen.methods.views import VIEW


@register("method")
class SimCLR(TwoViews):
    """Trains features without labels so that views of an example are close.

    Train the same model by another method afterwards: `SimCLR(model, task)`,
    then `ERM(model, task)`. Batches of 64 and more give enough others to tell
    an example from.

    Args:
        model: keras.Model, with a layer `head`, which stays as it is.
        task: kerasgen.Task.
        temperature: float > 0; the less, the more the nearest others count.
        width: int >= 1, of the projector's two layers.
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
        Chen et al., "A Simple Framework for Contrastive Learning of Visual
        Representations", 2020, arXiv:2002.05709, algorithm 1.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = SimCLR(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.random.normal((8, 4), seed=0), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['contrast', 'loss']
    """

    arguments = {
        "temperature": Float(1e-3, search=(0.05, 1.0), log=True),
        "width": Int(1),
        "view": VIEW,
    }
    terms = ("contrast",)

    def __init__(
        self,
        model,
        task,
        *,
        temperature=0.5,
        width=128,
        view=None,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            temperature=temperature,
            width=width,
            view=view,
        )

    def compared(self, one, two):
        """Gives the mean loss of finding the partner."""
        return mean(contrast(one, two, self.temperature))
