"""Attention transfer (Zagoruyko & Komodakis, 2017): look where it looks."""

from keras import ops

from kerasgen.core import Float, mean, register
from kerasgen.methods.taught import TEACHER, Taught, maps_of, watching


@register("method")
class AttentionTransfer(Taught):
    """Learns where in an image a teacher's feature maps are strong.

    The last maps of each size that both models have are compared; where no
    size is common, the last ones of all. Where batches carry `unlabeled`
    examples, the teacher is asked on these too.

    Args:
        model: keras.Model for images, the student, functional or sequential,
            where all paths meet in a feature map; logits out.
        task: kerasgen.Task with classes.
        teacher: trained keras.Model of the same inputs and outputs, a method
            that trained one, or the path of one; None: an average of the
            student's own past.
        weight: float >= 0, of the distance of attention; 0 is ERM.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the teacher
            doesn't fit the model, one of them has no feature map, the task
            has no classes, or an argument is out of range.
        TypeError: for a model or teacher that is no keras.Model.

    Source:
        Zagoruyko & Komodakis, "Paying More Attention to Attention", 2017,
        arXiv:1612.03928, equation 2 with sums of squares as attention, and
        squared distances as in the authors' code.

    Example:
        >>> import kerasgen as kg
        >>> one, two = (
        ...     kg.image_classifier((8, 8, 1), 2, size="tiny")
        ...     for _ in range(2))
        >>> method = AttentionTransfer(two, kg.Classification(2), teacher=one)
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 8, 8, 1)), ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'attention', 'loss', 'task']
    """

    arguments = {
        "teacher": TEACHER,
        "weight": Float(0.0, search=(1.0, 100.0), log=True),
    }
    terms = ("task", "attention")

    def __init__(
        self,
        model,
        task,
        *,
        teacher=None,
        weight=30.0,
        step="descent",
        name=None,
    ):
        super().__init__(
            model, task, step=step, name=name, teacher=teacher, weight=weight
        )
        where = "AttentionTransfer"
        own, wanted = (maps_of(where, m) for m in (model, self.teacher))
        names = [(own[size], wanted[size]) for size in own if size in wanted]
        if not names:
            names = [(list(own.values())[-1], list(wanted.values())[-1])]
        mine, theirs = zip(*names, strict=True)
        self._student = watching(where, model, mine)
        self._master = watching(where, self.teacher, theirs)

    def objective(self, batch):
        """Gives the loss and the distance; see `Method.objective`."""
        x = self.examples(batch)
        *own, answers = self._student(x, training=True)
        *wanted, _ = self._master(x, training=False)
        apart = 0.0
        for one, two in zip(own, wanted, strict=True):
            gap = attention(one) - attention(
                ops.stop_gradient(two), one.shape[1:3]
            )
            apart = apart + 0.5 * ops.sum(ops.square(gap), -1)
        outputs = self.labeled(batch, answers)
        return {
            "task": self.task_loss(batch, outputs),
            "attention": self.weight * mean(apart),
        }, outputs


def attention(maps, size=None):
    """Gives how strong a feature map is in each place.

    Args:
        maps: float tensor (n, height, width, channels).
        size: tuple (height, width) to resize to, or None.

    Returns:
        float32 tensor (n, height * width), each row of length 1.

    Source:
        Zagoruyko & Komodakis, 2017, arXiv:1612.03928, section 3.1.

    Example:
        >>> found = attention(ops.ones((1, 2, 2, 3)))
        >>> ops.convert_to_numpy(found).round(3).tolist()
        [[0.5, 0.5, 0.5, 0.5]]
    """
    strength = ops.mean(ops.square(ops.cast(maps, "float32")), -1)
    if size is not None and tuple(size) != tuple(strength.shape[1:3]):
        strength = ops.image.resize(
            strength[..., None], size, data_format="channels_last"
        )[..., 0]
    flat = ops.reshape(strength, (ops.shape(strength)[0], -1))
    square = ops.sum(ops.square(flat), -1, keepdims=True)
    return flat * ops.rsqrt(ops.maximum(square, 1e-24))
