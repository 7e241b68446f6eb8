"""Free adversarial training (Shafahi et al., 2019)."""

from keras import ops

from kerasgen.attacks.base import BOUNDS
from kerasgen.core import Float, Int, register
from kerasgen.methods.base import Method, Phase
from kerasgen.methods.perturb import bounds_of
from kerasgen.methods.robust import smooth_input


@register("method")
class FreeTraining(Method):
    """Trains several times on each batch, and attacks by the same gradients.

    One pass backwards gives the gradients of the weights and the slopes by
    the inputs: the change of the inputs costs nothing, and goes on with the
    next batch. Train for the epochs of plain training divided by `replays`.
    Under a step such as SAM the change is shifted along with the weights. It
    is for one device.

    Args:
        model: keras.Model of one float input, logits out.
        task: kerasgen.Task.
        epsilon: float >= 0, the greatest change of an input in the unit of
            the model's inputs, after `prepare`; see
            `kerasgen.data.input_range`.
        replays: int >= 1, how often a batch is trained on (m in the paper).
        room: int >= 1, the changes that are kept; of a greater batch several
            examples share one.
        low: float, the least value of an input, or None.
        high: float, the greatest, or None; with both None inputs within
            [0, 1] or [0, 255] stay there, others have no bounds.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, its input
            isn't one tensor of floats, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Shafahi et al., "Adversarial Training for Free!", 2019,
        arXiv:1904.12843, algorithm 1.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = FreeTraining(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'loss']
    """

    arguments = {
        "epsilon": Float(0.0),
        "replays": Int(1, search=(2, 8)),
        "room": Int(1),
        **BOUNDS,
    }

    def __init__(
        self,
        model,
        task,
        *,
        epsilon=0.1,
        replays=4,
        room=128,
        low=None,
        high=None,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            epsilon=epsilon,
            replays=replays,
            room=room,
            low=low,
            high=high,
        )
        smooth_input(self)
        # Of the variables that a gradient is taken by, and no player's.
        self.change = self.add_weight(
            shape=(room, *model.input_shape[1:]),
            initializer="zeros",
            dtype="float32",
            name="change",
        )

    def phases(self):
        """Lists the replays of one batch; see `Method.phases`."""
        return [Phase(self.objective)] * self.replays

    def objective(self, batch):
        """Gives the loss on changed inputs; see `Method.objective`."""
        x = ops.cast(batch["x"], "float32")
        rows = ops.arange(ops.shape(x)[0]) % self.room
        change = ops.take(ops.convert_to_tensor(self.change), rows, axis=0)
        low, high = bounds_of(x, self.low, self.high)
        outputs = self.model(ops.clip(x + change, low, high), training=True)
        return {"task": self.task_loss(batch, outputs)}, outputs

    def differentiated(self, variables):
        """Adds the change, whose slope comes along."""
        return [*variables, self.change]

    def gradients(self, step, objective, variables, state, scale=None):
        """Asks the step, and moves the change by what comes along."""
        terms, outputs, found = step.gradients(
            objective, variables, state, scale
        )
        *gradients, slope = found
        way = ops.sign(ops.convert_to_tensor(slope))
        way = ops.where(ops.isfinite(way), way, 0.0)
        moved = ops.convert_to_tensor(self.change) + self.epsilon * way
        self.change.assign(ops.clip(moved, -self.epsilon, self.epsilon))
        return terms, outputs, gradients
