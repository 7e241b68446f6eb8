"""Two encoders and one head: a source of another shape teaches a target."""

from keras import ops

from kerasgen.core import Float, Int, Shape, mean, register
from kerasgen.methods.adaptation import Adaptation
from kerasgen.methods.coder import decoder, encoder, input_of
from kerasgen.methods.deep_cca import check_shape


@register("method")
class TwoEncoders(Adaptation):
    """Learns a task with few labels from a source of another shape.

    The task is the target's, and so is the model. The source has an encoder
    of its own, into the features of the model; above them there is one head
    for both, so that a class means one place of the features. The source's
    classes are drawn to the target's: those of labelled examples, and by and
    by those that the head gives the unlabelled ones. Two decoders rebuild
    each side, so that the codes tell examples apart.

    Args:
        model: keras.Model of the target's float inputs, logits out, with a
            layer `head`.
        task: kerasgen.Task with classes.
        shape: tuple, of one of the source's examples; None takes that of the
            model's input.
        weight: float >= 0, of the source's loss.
        align: float >= 0, of the distance of the two sides, altogether and
            class by class.
        rebuild: float >= 0, of the squared error of what is rebuilt.
        width: int >= 1, of the hidden layers of encoder and decoders.
        ramp: int >= 1, the steps over which the unlabelled examples gain as
            much weight as the labelled.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Yao et al., "Heterogeneous Domain Adaptation via Soft Transfer
        Network", 2019, arXiv:1908.10552, for head and alignment, here by
        batch, and without their ridge on the weights; the decoders are those
        of Ghifary et al., 2016, arXiv:1607.03516.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = TwoEncoders(model, kg.Classification(2), shape=(3,))
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> other = {"x": ops.ones((8, 3)), "y": y}
        >>> fields = {"inputs": x, "unlabeled": x, "other": other}
        >>> sorted(method.fit(fields, y, verbose=0).history)
        ['accuracy', 'align', 'loss', 'other', 'rebuild', 'task']
    """

    arguments = {
        "shape": Shape(),
        "weight": Float(0.0, search=(0.1, 3.0), log=True),
        "align": Float(0.0, search=(0.01, 10.0), log=True),
        "rebuild": Float(0.0, search=(0.01, 3.0), log=True),
        "width": Int(1),
        "ramp": Int(1),
    }
    needs = ("unlabeled", "other")
    terms = ("task", "other", "align", "rebuild")
    classes_only = True

    def __init__(
        self,
        model,
        task,
        *,
        shape=None,
        weight=1.0,
        align=1.0,
        rebuild=0.1,
        width=64,
        ramp=1000,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            shape=shape,
            weight=weight,
            align=align,
            rebuild=rebuild,
            width=width,
            ramp=ramp,
        )
        own = input_of("TwoEncoders", model)
        shape, code = self.shape or own, self.feature_width()
        self.encoder = encoder(shape, code, width)
        self.decoders = [
            decoder(code, own, width, "own_decoder"),
            decoder(code, shape, width, "other_decoder"),
        ]

    def players(self):
        """Lets encoder and decoders move too; see `Method.players`."""
        parts = (self.model, self.encoder, *self.decoders)
        return {"model": [v for p in parts for v in p.trainable_variables]}

    def objective(self, batch):
        """Gives the four terms; see `Method.objective`."""
        other, target = batch["other"], batch["unlabeled"]
        check_shape("TwoEncoders", other["x"], self.encoder)
        known, seen, outputs, guesses = self.both(batch)
        code = self.encoder(other["x"], training=True)
        answers = self.answers(code)
        taught = self._task_loss(other["y"], answers)
        rebuilt = zip(
            self.decoders, (seen, code), (target, other["x"]), strict=True
        )
        error = sum(
            mean(ops.square(network(seen, training=True) - x))
            for network, seen, x in rebuilt
        )
        apart = self._apart(batch, known, seen, guesses, code)
        return {
            "task": self.task_loss(batch, outputs),
            "other": self.weight * taught,
            "align": self.align * mean(apart),
            "rebuild": self.rebuild * error,
        }, outputs

    def answers(self, code):
        """Runs the head on the codes of the source.

        Args:
            code: float tensor (n, d), from `encoder`.

        Returns:
            The head's outputs.
        """
        shape = self.features.output_shape[1:]
        code = ops.reshape(code, (-1, *shape)) if len(shape) > 1 else code
        return self.head(code, training=True)

    def _apart(self, batch, known, seen, guesses, code):
        """The distance of the two sides, altogether and class by class."""
        done = ops.cast(self.optimizer.iterations, "float32") / self.ramp
        soft = ops.softmax(ops.cast(guesses, "float32"), -1)
        soft = ops.stop_gradient(soft) * ops.minimum(done, 1.0)
        shares = ops.concatenate([self.distributions(batch["y"]), soft], 0)
        target = ops.concatenate([known, seen], 0)
        source = self.distributions(batch["other"]["y"])
        return alignment(code, source, target, shares)


def alignment(source, classes, target, shares):
    """Measures how far two sets lie apart, altogether and class by class.

    Args:
        source: float tensor (n, d).
        classes: float tensor (n, k), each row's share in each class.
        target: float tensor (m, d).
        shares: float tensor (m, k), likewise; rows may sum to less than one.

    Returns:
        float scalar: the squared distance of the means, and the mean of that
        of the classes' that are on both sides.

    Example:
        >>> one, two = ops.zeros((2, 3)), ops.ones((4, 3))
        >>> float(alignment(one, ops.ones((2, 1)), two, ops.ones((4, 1))))
        6.0
    """
    whole = ops.mean(source, 0) - ops.mean(target, 0)
    masses, means = [], []
    for x, weights in ((source, classes), (target, shares)):
        mass = ops.sum(weights, 0)
        total = ops.matmul(ops.transpose(weights), x)
        masses.append(mass)
        means.append(total / ops.maximum(mass, 1e-6)[:, None])
    there = ops.cast(ops.minimum(*masses) > 1e-3, "float32")
    each = ops.sum(ops.square(means[0] - means[1]), 1)
    count = ops.maximum(ops.sum(there), 1.0)
    return ops.sum(ops.square(whole)) + ops.sum(there * each) / count
