"""Self-ensembling (French et al., 2018): a mean teacher answers the target."""

import keras
from keras import ops

from kerasgen.core import Float, Int, mean, register
from kerasgen.losses import mutual_information
from kerasgen.methods.adaptation import Adaptation
from kerasgen.methods.handed import Handed
from kerasgen.methods.teacher import copied, follow
from kerasgen.methods.views import VIEW, View


@register("method")
class SelfEnsembling(Handed, Adaptation):
    """Answers on the target as an average of the model's own past does.

    The teacher's weights follow the model's. Both see the target's examples,
    each with its own noise and, for images, its own shift, or in views of
    their own; where the teacher is sure, the model is drawn to its answer.

    Args:
        model: keras.Model of float inputs, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the disagreement with the teacher; 0 is ERM.
        balance: float >= 0, of the target's mutual information, which keeps
            answers from falling into one class.
        threshold: float in [0, 1], the least probability of a teacher's
            answer that counts.
        ramp: int >= 1, the steps over which agreement and balance join the
            loss: a teacher that knows little draws classes into one another.
        momentum: float in [0, 1), what the teacher keeps of itself in a step.
        noise: float >= 0, the standard deviation of what is added to inputs
            after `prepare`.
        shift: int >= 0, by how many pixels at most images are moved.
        view: augmentation of prepared examples, its name or description, or a
            list of them, that changes the target's examples instead of noise
            and shift, drawn for each example; None leaves it at these two.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, an argument is out of range, or
            `view` mixes examples.
        TypeError: for a model that is no keras.Model.

    Source:
        French et al., "Self-ensembling for visual domain adaptation", 2018,
        arXiv:1706.05208, section 3; the ramp is that of DANN. The balance is
        the mutual information of Krause et al., 2010, instead of their class
        balance loss; one shift is drawn for a batch, where their affine moves
        are drawn for each image, as a view's are here; their model for the end
        is the teacher, here `method.teacher`.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = SelfEnsembling(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'agreement', 'balance', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.3, 10.0), log=True),
        "balance": Float(0.0, search=(0.03, 1.0), log=True),
        "threshold": Float(0.0, 1.0, search=(0.5, 0.97)),
        "ramp": Int(1),
        "momentum": Float(0.0, 0.99999),
        "noise": Float(0.0, search=(0.0, 0.3)),
        "shift": Int(0),
        "view": VIEW,
    }
    terms = ("task", "agreement", "balance")
    classes_only = True

    def __init__(
        self,
        model,
        task,
        *,
        weight=3.0,
        balance=0.3,
        threshold=0.97,
        ramp=1000,
        momentum=0.99,
        noise=0.1,
        shift=2,
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
            balance=balance,
            threshold=threshold,
            ramp=ramp,
            momentum=momentum,
            noise=noise,
            shift=shift,
            view=view,
        )
        if view is not None:
            # XLA has no kernel for moving images.
            self.supports_jit = False
            self.view = View("SelfEnsembling", "view", view, model, False)
        self.teacher = copied(model)
        self._seed = keras.random.SeedGenerator()

    def train_step(self, data):
        """Makes the moves of one batch; the teacher follows."""
        logs = super().train_step(data)
        follow(
            self.teacher, self.model, self.momentum, self.optimizer.iterations
        )
        return logs

    def objective(self, batch):
        """Gives the three terms; see `Method.objective`."""
        target = batch["unlabeled"]
        moved = {**batch, "unlabeled": self._moved(target)}
        _, _, outputs, guesses = self.both(moved)
        known = self.teacher(self._moved(target), training=True)
        known = ops.stop_gradient(ops.softmax(ops.cast(known, "float32")))
        guesses = ops.cast(guesses, "float32")
        sure = ops.cast(ops.max(known, -1) >= self.threshold, "float32")
        apart = ops.sum(ops.square(ops.softmax(guesses) - known), -1)
        told = mutual_information(guesses)
        grown = self.grown()
        return {
            "task": self.task_loss(batch, outputs),
            "agreement": grown * self.weight * mean(sure * apart),
            "balance": -grown * self.balance * mean(told),
        }, outputs

    def _moved(self, x):
        x = ops.cast(x, "float32")
        if self.view is not None:
            return self.view(x, self._seed)
        if self.noise:
            x = noised(x, self.noise, self._seed)
        if self.shift and len(x.shape) == 4:
            x = shifted(x, self.shift, self._seed)
        return x


def noised(x, spread, seed):
    """Adds Gaussian noise to a batch.

    Args:
        x: float tensor (n, ...).
        spread: float >= 0, the standard deviation.
        seed: keras.random.SeedGenerator.

    Returns:
        float tensor shaped like `x`.

    Example:
        >>> x = ops.ones((2, 8))
        >>> noised(x, 0.1, keras.random.SeedGenerator(0)).shape
        TensorShape([2, 8])
    """
    return x + spread * keras.random.normal(ops.shape(x), seed=seed)


def shifted(x, most, seed):
    """Moves a batch of images by a few pixels, all alike.

    Args:
        x: float tensor (n, height, width, channels).
        most: int >= 1, the greatest shift along each side.
        seed: keras.random.SeedGenerator.

    Returns:
        float tensor shaped like `x`; what comes in mirrors the border.

    Example:
        >>> x = ops.ones((2, 8, 8, 1))
        >>> shifted(x, 2, keras.random.SeedGenerator(0)).shape
        TensorShape([2, 8, 8, 1])
    """
    sides = x.shape[1:3]
    most = min(most, *sides)
    pad = ((0, 0), (most, most), (most, most), (0, 0))
    wide = ops.pad(x, pad, mode="symmetric")
    down, right = (
        keras.random.randint((), 0, 2 * most + 1, seed=seed) for _ in range(2)
    )
    rows = down + ops.arange(sides[0])
    columns = right + ops.arange(sides[1])
    return ops.take(ops.take(wide, rows, axis=1), columns, axis=2)
