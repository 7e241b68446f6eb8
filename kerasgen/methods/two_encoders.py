"""Two encoders and one head: a source of another shape teaches a target."""

from keras import ops

from kerasgen.core import Float, Int, Shape, mean, register
from kerasgen.losses import kernel_discrepancy
from kerasgen.methods.adaptation import Adaptation
from kerasgen.methods.coder import decoder, encoder, input_of
from kerasgen.methods.deep_cca import check_shape


@register("method")
class TwoEncoders(Adaptation):
    """Learns a task with few labels from a source of another shape.

    The task is the target's, and so is the model. The source has an encoder
    of its own, into the features of the model; above them there is one head
    for both, so that a class means one place of the features. Codes and
    classes together are made alike: those of the source, and those of the
    target's labelled examples and of its unlabelled ones, as the head answers
    them. Two decoders rebuild each side, so that codes tell examples apart.

    Args:
        model: keras.Model of the target's float inputs, logits out, with a
            layer `head`.
        task: kerasgen.Task with classes.
        shape: tuple, of one of the source's examples; None takes that of the
            model's input.
        weight: float >= 0, of the source's loss.
        align: float >= 0, of the discrepancy of the two sides' codes and
            classes.
        rebuild: float >= 0, of the squared error of what is rebuilt.
        width: int >= 1, of the hidden layers of encoder and decoders.
        ramp: int >= 1, the steps over which the discrepancy gains its weight.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        After Yao et al., "Heterogeneous Domain Adaptation via Soft Transfer
        Network", 2019, arXiv:1908.10552: one head, two encoders, and answers
        instead of labels, in growing measure. The distance is that of Long et
        al., "Deep Transfer Learning with Joint Adaptation Networks", 2017,
        arXiv:1605.06636, equation 9, where theirs is one of classes' means,
        which from batches is mostly noise; the decoders are those of Ghifary
        et al., 2016, arXiv:1607.03516.

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
        width=32,
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
        """The discrepancy of both sides' codes together with their classes."""
        done = ops.cast(self.optimizer.iterations, "float32") / self.ramp
        soft = ops.softmax(ops.cast(guesses, "float32"), -1)
        classes = ops.concatenate([self.distributions(batch["y"]), soft], 0)
        found = kernel_discrepancy(
            [code, self.distributions(batch["other"]["y"])],
            [ops.concatenate([known, seen], 0), classes],
        )
        return ops.minimum(done, 1.0) * found
