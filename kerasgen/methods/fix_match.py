"""FixMatch (Sohn et al., 2020): sure answers teach stronger views."""

from keras import ops

from kerasgen.core import Choice, Float, mean, register
from kerasgen.methods.semi_supervised import SemiSupervised, cross_entropy
from kerasgen.methods.views import VIEW, View


@register("method")
class FixMatch(SemiSupervised):
    """Teaches strong views the class that is sure on a weak view.

    Views are drawn inside the step, after `prepare`: weak ones of all
    examples, strong ones of those without labels.

    Args:
        model: keras.Model, logits out.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the unlabelled examples; 0 is ERM.
        threshold: float in [0, 1], the least probability of an answer that
            teaches.
        align: bool, whether the answers' mean is brought to that of the
            labels, both as running means. Without it a few classes can take
            all answers where the unlabelled examples are of another domain.
        momentum: float in [0, 1), what a teacher that gives the answers keeps
            of itself in a step; 0 lets the model give them.
        weak: augmentation of prepared examples, its name or description, or a
            list of them; None: a shift and a little noise.
        strong: the same; None: a turn, stretch and hidden square for images,
            numbers of other rows for rows, and more noise.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the task has
            no classes, an argument is out of range, or inputs need views of
            their own.
        TypeError: for a model that is no keras.Model.

    Source:
        Sohn et al., "FixMatch: Simplifying Semi-Supervised Learning with
        Consistency and Confidence", 2020, arXiv:2001.07685, equations 3 and
        4; alignment: Berthelot et al., "ReMixMatch", 2020, arXiv:1911.09785,
        section 3.1, with exponential means.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = FixMatch(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'agreement', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.3, 3.0), log=True),
        "threshold": Float(0.0, 1.0, search=(0.7, 0.98)),
        "align": Choice((True, False)),
        "momentum": Float(0.0, 0.99999),
        "weak": VIEW,
        "strong": VIEW,
    }
    terms = ("task", "agreement")

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        threshold=0.95,
        align=True,
        momentum=0.0,
        weak=None,
        strong=None,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            threshold=threshold,
            align=align,
            momentum=momentum,
            weak=weak,
            strong=strong,
        )
        # XLA has no kernel for moving images.
        self.supports_jit = False
        self.weak = View("FixMatch", "weak", weak, model, strong=False)
        self.strong = View("FixMatch", "strong", strong, model, strong=True)
        # The mean of labels, and of answers without labels.
        self._marginals = None
        if align:
            shape, start = (2, task.classes), 1.0 / task.classes
            self._marginals = self.shares("marginals", shape, start)

    def objective(self, batch):
        """Gives both losses; see `Method.objective`."""
        weak = self.weak(batch["unlabeled"], self._seed)
        strong = self.strong(batch["unlabeled"], self._seed)
        labeled = self.weak(batch["x"], self._seed)
        outputs, known, guesses = self.answers(labeled, weak, strong)
        known = self._aligned(ops.softmax(known), batch["y"])
        sure = ops.cast(ops.max(known, -1) >= self.threshold, "float32")
        taught = ops.one_hot(ops.argmax(known, -1), self.task.classes)
        lost = sure * cross_entropy(taught, guesses)
        return {
            "task": self.task_loss(batch, outputs),
            "agreement": self.weight * mean(lost),
        }, outputs

    def _aligned(self, known, y):
        if self._marginals is None:
            return known
        labels = ops.mean(self.distributions(y), 0)
        both = ops.stack([labels, ops.mean(known, 0)])
        wanted, found = ops.unstack(self.run(self._marginals, both), axis=0)
        known = known * wanted / ops.maximum(found, 1e-6)
        return known / ops.sum(known, -1, keepdims=True)
