"""Self-distillation (Kim et al., 2021): labels soften by past answers."""

from keras import ops

from kerasgen.core import Float, Int, mean, register
from kerasgen.methods.base import Method
from kerasgen.methods.semi_supervised import cross_entropy
from kerasgen.methods.teacher import copied, follow
from kerasgen.methods.vat import needs_classes


@register("method")
class SelfDistillation(Method):
    """Mixes labels with what the model itself answered a while ago.

    The past is a copy of the model, taken every so many steps. It counts the
    more the longer training lasts.

    Args:
        model: keras.Model, logits out.
        task: kerasgen.Task with classes.
        weight: float in [0, 1], of the past against the labels at the end of
            the ramp; 0 is ERM.
        ramp: int >= 1, the steps over which the weight grows; best as many as
            training has.
        every: int >= 1, the steps between two copies; best an epoch's.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the task has
            no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Kim et al., "Self-Knowledge Distillation with Progressive Refinement
        of Targets", 2021, arXiv:2006.12000, equations 4 and 5. The past
        answers by its weights, theirs by answers that were kept.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = SelfDistillation(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'loss', 'past', 'task']
    """

    arguments = {
        "weight": Float(0.0, 1.0, search=(0.3, 0.9)),
        "ramp": Int(1),
        "every": Int(1),
    }
    terms = ("task", "past")

    def __init__(
        self,
        model,
        task,
        *,
        weight=0.8,
        ramp=5000,
        every=100,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            ramp=ramp,
            every=every,
        )
        needs_classes(self)
        self.past = copied(model, "past")

    def train_step(self, data):
        """Makes the moves of one batch; now and then the past is renewed."""
        logs = super().train_step(data)
        steps = ops.cast(self.optimizer.iterations, "int32")
        stays = ops.cast(steps % self.every != 0, "float32")
        follow(self.past, self.model, stays)
        return logs

    def objective(self, batch):
        """Gives the losses of labels and past; see `Method.objective`."""
        outputs = self.model(batch["x"], training=True)
        known = self.past(batch["x"], training=False)
        known = ops.softmax(ops.stop_gradient(ops.cast(known, "float32")))
        lost = cross_entropy(known, ops.cast(outputs, "float32"))
        share = self.factor()
        return {
            "task": (1.0 - share) * self.task_loss(batch, outputs),
            "past": share * mean(lost),
        }, outputs

    def factor(self):
        """Gives the weight of the past by now.

        Returns:
            float scalar; 0 until the first copy is taken.
        """
        steps = ops.cast(self.optimizer.iterations, "float32")
        grown = self.weight * ops.minimum(steps / self.ramp, 1.0)
        return ops.where(steps < self.every, ops.zeros_like(grown), grown)
