"""WDGRL (Shen et al., 2018): a critic measures how far domains lie apart."""

import keras
from keras import ops

from kerasgen.core import Float, Int, input_gradient, mean, register
from kerasgen.layers.discriminator import network
from kerasgen.methods.adaptation import Adaptation
from kerasgen.methods.base import Phase


@register("method")
class WDGRL(Adaptation):
    """Brings features together by the Wasserstein distance that a critic finds.

    Each training step moves the critic `moves` times, then the model.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        weight: float >= 0, of the distance; 0 is ERM.
        penalty: float >= 0, of the critic's slope where it isn't 1.
        moves: int >= 1, the critic's moves in one training step.
        width: int >= 1, of the critic's two hidden layers.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Shen et al., "Wasserstein Distance Guided Representation Learning for
        Domain Adaptation", 2018, arXiv:1707.01217, algorithm 1; they move the
        critic 5 times.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = WDGRL(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'critic', 'distance', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.001, 1.0), log=True),
        "penalty": Float(0.0),
        "moves": Int(1),
        "width": Int(1),
    }
    terms = ("task", "distance", "critic")

    def __init__(
        self,
        model,
        task,
        *,
        weight=0.01,
        penalty=10.0,
        moves=3,
        width=128,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            penalty=penalty,
            moves=moves,
            width=width,
        )
        self.critic = network(self.feature_width(), width, name="critic")
        self._seed = keras.random.SeedGenerator()

    def players(self):
        """Names who moves: the model, the critic."""
        return {
            "model": self.model.trainable_variables,
            "critic": self.critic.trainable_variables,
        }

    def phases(self):
        """Lists the moves; see `Method.phases`."""
        critic = Phase(self.criticism, "critic")
        return [*[critic] * self.moves, Phase(self.objective)]

    def criticism(self, batch):
        """Gives the critic's loss on features that stay."""
        if "features" not in batch:
            # The features don't move between the critic's moves.
            batch["features"] = tuple(
                ops.stop_gradient(each) for each in self.both(batch)[:2]
            )
        source, target = batch["features"]
        lost = -self._distance(source, target)
        return {"critic": lost + self.penalty * self._slope(source, target)}, (
            None
        )

    def objective(self, batch):
        """Gives the loss and the distance; see `Method.objective`."""
        source, target, outputs, _ = self.both(batch)
        return {
            "task": self.task_loss(batch, outputs),
            "distance": self.weight * self._distance(source, target),
        }, outputs

    def _distance(self, source, target):
        one, two = (self.critic(x)[:, 0] for x in (source, target))
        return mean(one) - mean(two)

    def _slope(self, source, target):
        n = ops.minimum(ops.shape(source)[0], ops.shape(target)[0])
        source, target = source[:n], target[:n]
        share = keras.random.uniform((n, 1), seed=self._seed)
        between = share * source + (1.0 - share) * target
        places = ops.concatenate([source, target, between], 0)
        slope = input_gradient(self.critic, places)
        length = ops.sqrt(ops.sum(ops.square(slope), -1) + 1e-12)
        return mean(ops.square(length - 1.0))
