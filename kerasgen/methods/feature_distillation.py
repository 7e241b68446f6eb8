"""Feature distillation (Romero et al., 2015): hints from inside a teacher."""

import keras
from keras import ops

from kerasgen.core import Float, mean, register
from kerasgen.methods.handed import Given
from kerasgen.methods.taught import TEACHER, Taught, watching

_LAYER = Given("the name of a layer, or None")


@register("method")
class FeatureDistillation(Taught):
    """Learns to tell a teacher's hidden values from one's own, by a line.

    Where batches carry `unlabeled` examples, the teacher is asked on these
    too.

    Args:
        model: keras.Model, the student, functional or sequential, logits out.
        task: kerasgen.Task with classes.
        teacher: trained keras.Model of the same inputs and outputs, a method
            that trained one, or the path of one; None: an average of the
            student's own past.
        weight: float >= 0, of the hints; 0 is ERM.
        hint: str, the teacher's layer that is to be told; None: what goes
            into its `head`.
        guided: str, the model's layer that tells it; None: what goes into its
            `head`.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the teacher
            doesn't fit the model, a layer isn't there, the task has no
            classes, or an argument is out of range.
        TypeError: for a model or teacher that is no keras.Model.

    Source:
        Romero et al., "FitNets: Hints for Thin Deep Nets", 2015,
        arXiv:1412.6550, equation 3. The squared error is divided by the
        hints' mean square; hints and labels are learnt together, theirs one
        after the other; maps of other sizes are resized.

    Example:
        >>> import kerasgen as kg
        >>> one, two = (
        ...     kg.tabular_classifier((4,), 2, size=size)
        ...     for size in ("small", "tiny"))
        >>> method = FeatureDistillation(
        ...     two, kg.Classification(2), teacher=one)
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'hints', 'loss', 'task']
    """

    arguments = {
        "teacher": TEACHER,
        "weight": Float(0.0, search=(0.1, 10.0), log=True),
        "hint": _LAYER,
        "guided": _LAYER,
    }
    terms = ("task", "hints")

    def __init__(
        self,
        model,
        task,
        *,
        teacher=None,
        weight=1.0,
        hint=None,
        guided=None,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            teacher=teacher,
            weight=weight,
            hint=hint,
            guided=guided,
        )
        where = "FeatureDistillation"
        self._student = watching(where, model, [guided])
        self._master = watching(where, self.teacher, [hint])
        own, wanted = (
            each.outputs[0].shape for each in (self._student, self._master)
        )
        self.project = keras.layers.Dense(
            wanted[-1], dtype="float32", name="project"
        )
        self.project.build(own)

    def players(self):
        """Lets the projection move with the model; see `Method.players`."""
        parts = self.model, self.project
        return {"model": sum((p.trainable_variables for p in parts), [])}

    def objective(self, batch):
        """Gives the loss and the error on hints; see `Method.objective`."""
        x = self.examples(batch)
        seen, answers = self._student(x, training=True)
        hints = ops.cast(self._master(x, training=False)[0], "float32")
        hints = ops.stop_gradient(hints)
        told = self.project(ops.cast(seen, "float32"))
        if len(hints.shape) == 4 and hints.shape[1:3] != told.shape[1:3]:
            told = ops.image.resize(
                told, hints.shape[1:3], data_format="channels_last"
            )
        scale = ops.maximum(ops.mean(ops.square(hints)), 1e-6)
        outputs = self.labeled(batch, answers)
        return {
            "task": self.task_loss(batch, outputs),
            "hints": self.weight * mean(ops.square(told - hints) / scale),
        }, outputs
