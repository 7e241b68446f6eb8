"""A learned adversary: a network writes the changes that fool the model."""

import keras
from keras import ops

from kerasgen.attacks.base import BOUNDS
from kerasgen.core import Float, Int, register, split
from kerasgen.methods.base import Method, Phase
from kerasgen.methods.perturb import bounds_of
from kerasgen.methods.robust import smooth_input
from kerasgen.methods.teacher import copied


@register("method")
class LearnedAdversary(Method):
    """Trains against a network that begins as a copy of the model.

    The copy's features feed a new layer shaped like the input, whose tanh
    times epsilon is added to the examples. The two learn in turn: the
    adversary raises the loss of the model as it will be used, the model
    lowers it on examples and on changed inputs, each as a random share of
    its change has it, in one pass. It costs little, and stands stronger
    attacks only in part: an adversary that sees no slopes misses much.

    Args:
        model: keras.Model of one float input, logits out, with a layer
            `head`.
        task: kerasgen.Task.
        epsilon: float >= 0, the greatest change of an input in the unit of
            the model's inputs, after `prepare`; see
            `kerasgen.data.input_range`.
        clean: float in [0, 1], the share of the loss on unchanged examples.
        moves: int >= 1, the moves of the adversary in one step.
        low: float, the least value of an input, or None.
        high: float, the greatest, or None; with both None inputs within
            [0, 1] or [0, 255] stay there, others have no bounds.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, its input
            isn't one tensor of floats, it has no `head`, or an argument is
            out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Baluja & Fischer, "Adversarial Transformation Networks", 2017,
        arXiv:1703.09387, section 2, a perturbing network; learnt in turn with
        the model as in Lee et al., "Generative Adversarial Trainer", 2017,
        arXiv:1705.03387, but for slopes, which it isn't shown. That it begins
        as the model's copy, and the random shares, are ours.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = LearnedAdversary(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'fooling', 'loss', 'task']
    """

    arguments = {
        "epsilon": Float(0.0),
        "clean": Float(0.0, 1.0, search=(0.0, 0.5)),
        "moves": Int(1, search=(1, 3)),
        **BOUNDS,
    }
    terms = ("task", "fooling")

    def __init__(
        self,
        model,
        task,
        *,
        epsilon=0.1,
        clean=0.5,
        moves=1,
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
            clean=clean,
            moves=moves,
            low=low,
            high=high,
        )
        smooth_input(self)
        self.adversary = writer(model)
        self._seed = keras.random.SeedGenerator()

    def players(self):
        """Names who moves: the model and the adversary."""
        return {
            "model": self.model.trainable_variables,
            "adversary": self.adversary.trainable_variables,
        }

    def phases(self):
        """Lists the moves: the adversary's, then the model's."""
        turns = [Phase(self.fooling, "adversary")] * self.moves
        return [*turns, Phase(self.objective)]

    def changed(self, x, training=False):
        """Gives the inputs as the adversary would have them.

        Args:
            x: float tensor (n, ...).
            training: bool, whether the adversary's statistics move.

        Returns:
            float32 tensor shaped like `x`.
        """
        x = ops.cast(x, "float32")
        low, high = bounds_of(x, self.low, self.high)
        way = ops.tanh(self.adversary(x, training=training))
        return ops.clip(x + self.epsilon * way, low, high)

    def fooling(self, batch):
        """Gives the loss of the model, turned round."""
        worse = self.changed(batch["x"], training=True)
        outputs = self.model(worse, training=False)
        return {"fooling": -self.task_loss(batch, outputs)}, None

    def objective(self, batch):
        """Gives the loss on both kinds of inputs; see `Method.objective`."""
        x = ops.cast(batch["x"], "float32")
        worse = ops.stop_gradient(self.changed(x))
        # Of any length: changes of one length tell the label that they hide.
        share = keras.random.uniform((ops.shape(x)[0], 1), seed=self._seed)
        share = ops.reshape(share, (-1,) + (1,) * (len(x.shape) - 1))
        worse = x + share * (worse - x)
        outputs = self.model(ops.concatenate([x, worse], 0), training=True)
        n = ops.shape(x)[0]
        plain, worse = (
            self.task_loss(batch, part) for part in (outputs[:n], outputs[n:])
        )
        loss = self.clean * plain + (1.0 - self.clean) * worse
        return {"task": loss}, outputs[:n]

    def gradients(self, step, objective, variables, state, scale=None):
        """Asks the step; the adversary's statistics move once, too."""
        own = [
            variable
            for variable in self.adversary.non_trainable_variables
            if "seed_generator" not in variable.path
        ]
        return step.gradients(objective, variables, [*state, *own], scale)


def writer(model):
    """Makes a network that writes something shaped like a model's input.

    Args:
        model: keras.Model with a layer `head`; its features are copied.

    Returns:
        keras.Model from inputs to floats of the same shape, near zero at the
        start.

    Example:
        >>> import kerasgen as kg
        >>> writer(kg.image_classifier((8, 8, 1), 3, size="tiny")).output_shape
        (None, 8, 8, 1)
    """
    copy = copied(model, name="adversary")
    copy.trainable = True
    features, _ = split(copy)
    shape = tuple(model.input_shape[1:])
    width = 1
    for side in shape:
        width *= side
    small = keras.initializers.VarianceScaling(0.01)
    hidden = keras.layers.Flatten()(features.output)
    written = keras.layers.Dense(
        width, kernel_initializer=small, dtype="float32", name="written"
    )(hidden)
    written = keras.layers.Reshape(shape)(written)
    return keras.Model(features.input, written, name="adversary")
