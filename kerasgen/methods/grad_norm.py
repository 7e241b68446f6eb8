"""GradNorm (Chen et al., 2018): tasks train at one speed."""

from keras import ops

from kerasgen.core import Float, input_gradient, mean, register, split
from kerasgen.methods.balanced import Balanced
from kerasgen.methods.base import Phase


@register("method")
class GradNorm(Balanced):
    """Weighs tasks so that their gradients fit how fast each is learnt.

    A task whose loss has fallen less than the others' gets a greater
    gradient by the features that all share. Weights add up to the number of
    tasks.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task, such as `MultiTask`.
        alpha: float >= 0, how strongly tasks are pulled to one speed; 0 gives
            all gradients one size.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, or for an
            argument out of range.

    Source:
        Chen et al., "GradNorm: Gradient Normalization for Adaptive Loss
        Balancing in Deep Multitask Networks", 2018, arXiv:1711.02257,
        equations 1 and 2. Gradients are those by the head's input instead of
        by the last shared weights, which need no pass of their own for each
        task; weights are a softmax, which renormalises by itself; the losses
        to begin with are those of the first batch.

    Example:
        >>> import kerasgen as kg
        >>> task = kg.MultiTask()
        >>> model = kg.multi_task((4,), task.tasks, size="tiny")
        >>> [float(w) for w in GradNorm(model, task).weights_of_tasks()]
        [1.0, 1.0]
    """

    arguments = {"alpha": Float(0.0, search=(0.1, 3.0))}
    terms = ("task", "balance")

    def __init__(self, model, task, alpha=1.5, **kwargs):
        super().__init__(model, task, alpha=alpha, **kwargs)
        self._features, self._head = split(model)
        count = (len(self.names),)
        self.scores = self.add_weight(
            shape=count, initializer="zeros", name="scores"
        )
        self.first = self.add_weight(
            shape=count,
            initializer="zeros",
            trainable=False,
            aggregation="mean",
            name="first_losses",
        )

    def weights_of_tasks(self):
        """Gives each task's weight, float32 (tasks,); their mean is 1."""
        scores = ops.cast(self.scores, "float32")
        # A softmax; Keras warns of one over a single task.
        return len(self.names) * ops.exp(scores - ops.logsumexp(scores))

    def players(self):
        """Gives the model's weights, and those of the tasks."""
        return {**super().players(), "weights": [self.scores]}

    def phases(self):
        """Moves the model, then the tasks' weights."""
        return [Phase(self.objective), Phase(self._balance, "weights")]

    def objective(self, batch):
        """Gives the weighted loss; see `Method.objective`."""
        outputs = self.model(batch["x"], training=True)
        losses = ops.stack(self.losses_of(batch, outputs))
        weights = ops.stop_gradient(self.weights_of_tasks())
        return {"task": ops.sum(weights * losses)}, outputs

    def _balance(self, batch):
        """The gap between gradients' sizes and what speeds ask for."""
        features = self._features(batch["x"], training=False)
        sizes = []
        for place in range(len(self.names)):
            slope = input_gradient(
                lambda z, i=place: self.losses_of(batch, self._head(z))[i],
                features,
            )
            square = ops.sum(ops.square(ops.cast(slope, "float32")))
            sizes.append(ops.sqrt(square + 1e-12))
        losses = ops.stack(self.losses_of(batch, self._head(features)))
        first = ops.cast(self.first, "float32")
        speed = ops.where(first > 0, losses / ops.maximum(first, 1e-12), 1.0)
        speed = speed / ops.maximum(ops.mean(speed), 1e-12)
        norms = self.weights_of_tasks() * ops.stop_gradient(ops.stack(sizes))
        goal = ops.stop_gradient(ops.mean(norms) * speed**self.alpha)
        # In units of the mean: how steep losses are must not decide the pace.
        unit = ops.stop_gradient(ops.maximum(ops.mean(norms), 1e-12))
        gap = ops.sum(ops.abs(norms - goal)) / unit
        return {"balance": mean(ops.reshape(gap, (1,)))}, None

    def settle(self, batch, outputs):
        """Remembers the first batch's losses; see `Method.settle`."""
        losses = ops.stack(self.losses_of(batch, outputs))
        found = losses / mean(ops.ones((1,)))
        first = ops.convert_to_tensor(self.first)
        self.first.assign(ops.where(first > 0, first, found))
