"""What methods for few labels and many unlabelled examples share."""

import keras
from keras import ops

from kerasgen.core import mean
from kerasgen.methods.handed import Handed
from kerasgen.methods.teacher import copied, follow
from kerasgen.methods.vat import needs_classes


class SemiSupervised(Handed):
    """A method that learns from unlabelled examples of the same domain.

    A subclass that declares `momentum` has a teacher, whose weights follow
    the model's, where the momentum isn't 0; else the model answers itself.
    """

    needs = ("unlabeled",)

    def __init__(self, model, task, **kwargs):
        super().__init__(model, task, **kwargs)
        needs_classes(self)
        self._seed = keras.random.SeedGenerator()
        self.teacher = copied(model) if self._values.get("momentum") else None

    def normalized(self, batch):
        """Gives what moving statistics are of; see `Method.normalized`."""
        return joined(batch["x"], batch["unlabeled"])

    def train_step(self, data):
        """Makes the moves of one batch; a teacher follows."""
        logs = super().train_step(data)
        if self.teacher is not None:
            steps = self.optimizer.iterations
            follow(self.teacher, self.model, self.momentum, steps)
        return logs

    def answers(self, labeled, near, far):
        """Runs the model, and asks who gives answers without labels.

        Args:
            labeled: inputs with labels.
            near: inputs on which answers without labels are asked.
            far: inputs on which the model is to give them.

        Returns:
            Outputs for `labeled`, logits for `near` through which no gradient
            flows, and logits for `far`.
        """
        if self.teacher is None:
            outputs, known, far = together(self.model, labeled, near, far)
        else:
            outputs, far = together(self.model, labeled, far)
            known = self.teacher(near, training=False)
        known = ops.stop_gradient(ops.cast(known, "float32"))
        return outputs, known, ops.cast(far, "float32")

    def shares(self, name, shape, start):
        """Makes a running mean of shares.

        Args:
            name: str.
            shape: tuple of int.
            start: float, what it holds at first.

        Returns:
            keras.Variable.
        """
        return self.add_weight(
            shape=shape,
            initializer=keras.initializers.Constant(start),
            trainable=False,
            dtype="float32",
            aggregation="mean",
            name=name,
        )

    def run(self, average, value, momentum=0.99):
        """Moves a running mean towards a value, at first faster.

        Args:
            average: keras.Variable.
            value: float tensor of its shape.
            momentum: float in [0, 1), the greatest share that stays.

        Returns:
            float tensor, the mean after the move.
        """
        steps = ops.cast(self.optimizer.iterations, "float32")
        momentum = ops.minimum(momentum, (1.0 + steps) / (10.0 + steps))
        now = ops.convert_to_tensor(average)
        now = now + (1.0 - momentum) * (ops.stop_gradient(value) - now)
        average.assign(now)
        return now

    def risks(self, batch, outputs):
        """Gives the task's loss of each labelled example, times its weight.

        Args:
            batch: dict with `y` and maybe `weight`.
            outputs: the model's outputs.

        Returns:
            float tensor (n,).
        """
        risks = self._task_loss.call(batch["y"], outputs)
        risks = ops.reshape(ops.cast(risks, "float32"), (-1,))
        if batch["weight"] is None:
            return risks
        return risks * ops.cast(ops.reshape(batch["weight"], (-1,)), "float32")


def together(model, *batches):
    """Runs a model on several batches in one pass, as one batch.

    Batch normalization sees them together.

    Args:
        model: keras.Model.
        *batches: inputs, (n, ...), (m, ...) and so on.

    Returns:
        list of outputs, one for each batch.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> one, two = together(model, ops.ones((3, 4)), ops.ones((2, 4)))
        >>> one.shape, two.shape
        (TensorShape([3, 2]), TensorShape([2, 2]))
    """
    sizes = [ops.shape(keras.tree.flatten(batch)[0])[0] for batch in batches]
    outputs = model(joined(*batches), training=True)
    found, start = [], 0
    for size in sizes:
        found.append(
            keras.tree.map_structure(
                lambda t, a=start, b=start + size: t[a:b], outputs
            )
        )
        start = start + size
    return found


def joined(*batches):
    """Puts batches of inputs behind each other.

    Args:
        *batches: inputs, (n, ...), (m, ...) and so on.

    Returns:
        inputs (n + m, ...), of the last batch's dtype.

    Example:
        >>> joined(ops.ones((3, 4)), ops.ones((2, 4))).shape
        TensorShape([5, 4])
    """
    return keras.tree.map_structure(
        lambda *each: ops.concatenate(
            [ops.cast(one, each[-1].dtype) for one in each], axis=0
        ),
        *batches,
    )


def cross_entropy(targets, logits):
    """Gives the cross-entropy of answers with given shares.

    Args:
        targets: float tensor (n, classes), whose rows add up to 1.
        logits: float tensor (n, classes).

    Returns:
        float tensor (n,), in nats.

    Example:
        >>> found = cross_entropy(ops.array([[0.5, 0.5]]), ops.zeros((1, 2)))
        >>> round(float(found[0]), 4)
        0.6931
    """
    return -ops.sum(targets * ops.log_softmax(logits), -1)


def mean_of(values, chosen):
    """Averages the values of chosen examples; of none it is 0.

    Args:
        values: float tensor (n,).
        chosen: float tensor (n,) of 0 and 1.

    Returns:
        float scalar.

    Example:
        >>> values, chosen = ops.array([1.0, 3.0]), ops.array([0.0, 1.0])
        >>> float(mean_of(values, chosen))
        3.0
    """
    share = ops.maximum(ops.mean(chosen), 1e-6)
    return mean(values * chosen) / share
