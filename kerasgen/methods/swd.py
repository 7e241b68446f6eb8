"""SWD (Lee et al., 2019): two heads, and the way between their answers."""

import keras

from kerasgen.core import Float, Int, register
from kerasgen.losses import sliced_wasserstein
from kerasgen.methods.two_heads import TwoHeads, directions


@register("method")
class SWD(TwoHeads):
    """Measures how two heads disagree by a sliced Wasserstein distance.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the disagreement; 0 is ERM with two heads.
        moves: int >= 1, the moves of the features in one training step.
        slices: int >= 1, the directions that answers are projected on, drawn
            anew at each move.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Lee et al., "Sliced Wasserstein Discrepancy for Unsupervised Domain
        Adaptation", 2019, arXiv:1903.04064, algorithm 1. The distance is
        multiplied by the number of classes here, so that its size doesn't
        fall with it.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = SWD(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'apart', 'loss', 'task', 'together']
    """

    arguments = {
        "weight": Float(0.0, search=(0.3, 10.0), log=True),
        "moves": Int(1),
        "slices": Int(1),
    }

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        moves=2,
        slices=128,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            moves=moves,
            slices=slices,
        )
        self._seed = keras.random.SeedGenerator()

    def disagreement(self, one, two):
        """Gives the distance of two batches of probabilities."""
        classes = self.task.classes
        drawn = directions(classes, self.slices, self._seed)
        return classes * sliced_wasserstein(one, two, drawn)
