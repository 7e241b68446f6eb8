"""Distillation (Hinton et al., 2015): a student learns a teacher's answers."""

from keras import ops

from kerasgen.core import Float, mean, register
from kerasgen.methods.smoothness import divergence
from kerasgen.methods.taught import TEACHER, Taught


@register("method")
class Distillation(Taught):
    """Learns a teacher's softened answers beside the labels.

    Where batches carry `unlabeled` examples, the teacher answers these too. A
    student of the teacher's own shape is a born-again network.

    Args:
        model: keras.Model, the student, logits out.
        task: kerasgen.Task with classes.
        teacher: trained keras.Model of the same inputs and outputs, a method
            that trained one, or the path of one; None: an average of the
            student's own past.
        weight: float in [0, 1], of the teacher against the labels.
        temperature: float > 0, by which both logits are divided.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the teacher
            doesn't fit the model, the task has no classes, or an argument is
            out of range.
        TypeError: for a model or teacher that is no keras.Model.

    Source:
        Hinton et al., "Distilling the Knowledge in a Neural Network", 2015,
        arXiv:1503.02531, section 2: the divergence counts temperature^2
        times, so that its gradient doesn't shrink with the temperature. Born
        again: Furlanello et al., 2018, arXiv:1805.04770.

    Example:
        >>> import keras, kerasgen as kg
        >>> one, two = (
        ...     kg.tabular_classifier((4,), 2, size=size)
        ...     for size in ("small", "tiny"))
        >>> method = Distillation(two, kg.Classification(2), teacher=one)
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'loss', 'task', 'teacher']
    """

    arguments = {
        "teacher": TEACHER,
        "weight": Float(0.0, 1.0, search=(0.3, 1.0)),
        "temperature": Float(1e-3, search=(1.0, 10.0), log=True),
    }
    terms = ("task", "teacher")

    def __init__(
        self,
        model,
        task,
        *,
        teacher=None,
        weight=0.9,
        temperature=4.0,
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
            temperature=temperature,
        )

    def objective(self, batch):
        """Gives the losses of labels and teacher; see `Method.objective`."""
        x = self.examples(batch)
        answers = self.model(x, training=True)
        heat = self.temperature
        known, told = self.taught(x) / heat, ops.cast(answers, "float32") / heat
        outputs = self.labeled(batch, answers)
        apart = heat**2 * mean(divergence(known, told))
        return {
            "task": (1.0 - self.weight) * self.task_loss(batch, outputs),
            "teacher": self.weight * apart,
        }, outputs
