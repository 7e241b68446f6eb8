"""MCD (Saito et al., 2018): two heads that learn to agree on the target."""

from keras import ops

from kerasgen.core import Float, Int, register
from kerasgen.methods.two_heads import TwoHeads


@register("method")
class MCD(TwoHeads):
    """Finds the target beyond the source by two heads that disagree there.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the disagreement; 0 is ERM with two heads.
        moves: int >= 1, the moves of the features in one training step.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Saito et al., "Maximum Classifier Discrepancy for Unsupervised Domain
        Adaptation", 2018, arXiv:1712.02560, equations 2 to 9.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = MCD(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'apart', 'loss', 'task', 'together']
    """

    arguments = {
        "weight": Float(0.0, search=(0.3, 3.0), log=True),
        "moves": Int(1),
    }

    def __init__(
        self, model, task, *, weight=1.0, moves=2, step="descent", name=None
    ):
        super().__init__(
            model, task, step=step, name=name, weight=weight, moves=moves
        )

    def disagreement(self, one, two):
        """Gives the mean absolute difference of probabilities."""
        return ops.mean(ops.abs(one - two), -1)
