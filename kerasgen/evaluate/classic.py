"""What an old model makes of the same examples."""

import numpy as np

from kerasgen.core import Choice, create, register
from kerasgen.evaluate.probe import (
    Answer,
    Probe,
    alone,
    judge,
    kept,
    unit_of,
)
from kerasgen.evaluate.row import Row
from kerasgen.metrics import bootstrap

MODELS = (
    *("gradient_boosting", "k_means", "knn", "lda", "linear", "naive_bayes"),
    *("random_forest", "svm"),
)
# So many numbers in train are small data, where a linear model takes no time.
_SMALL = 2**20


@register("probe")
class Classic(Probe):
    """Fits an old model on train, and puts its numbers beside the network's.

    `gain` is what the network is ahead by in the headline, with an interval
    that is paired by example.

    Args:
        seed: int >= 0, decides the draws of the bootstrap and of the model.
        draws: int >= 100, the bootstrap's draws.
        model: str, the old model, one of those of `kerasgen.classic`.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Sculley et al., "Winner's Curse? On Pace, Progress, and Empirical
        Rigor", 2018: tuned old models belong beside new ones. Here they are
        as scikit-learn has them, and not tuned.

    Example:
        >>> Classic(model="knn").model
        'knn'
    """

    arguments = {**Probe.arguments, "model": Choice(MODELS)}

    def __init__(self, seed=0, draws=1000, model="linear"):
        super().__init__(seed, draws, model=model)

    def ask(self, model, data, task, split, batch_size, outputs):
        """Answers with a row for each measure, and the gain."""
        where = {"model": self.model}
        measure = task.headline
        try:
            if data.splits["train"].y is None:
                raise ValueError("train has no labels")
            old = create("classic", self.model, seed=self.seed).fit(data)
        except (KeyError, ValueError) as error:
            why = str(error).split("\n")[0]
            return Answer(
                (self.absent(measure.name, why, measure.better, **where),)
            )
        y = np.asarray(data.splits[split].y)
        theirs = old.predict(data.tensors(split)[0])
        rows, examples = [], {}
        for each in task.measures():
            values = judge(each, y, theirs)
            row = self.measured(each, values, **where)
            rows.append(row)
            examples.update(kept(row, values, each.exact))
        rows.append(self._gain(measure, y, outputs, theirs, where))
        return Answer(tuple(rows), {}, examples)

    def _gain(self, measure, y, ours, theirs, where):
        parts = [judge(measure, y, outputs) for outputs in (ours, theirs)]
        parts = [part.reshape(len(part), -1) for part in parts]
        values = np.concatenate(parts, 1)
        if not len(y) or not np.isfinite(values).all():
            return self.absent("gain", "outputs aren't finite", **where)
        sign = 1.0 if measure.better == "higher" else -1.0
        width = parts[0].shape[1]

        def reduce(rows):
            halves = rows[:, :width], rows[:, width:]
            halves = [h[:, 0] if width == 1 else h for h in halves]
            one, two = map(measure.reduce_values, halves)
            return sign * (one - two)

        low, high = bootstrap(values, reduce, self.seed, self.draws)
        return Row(
            self.name,
            "gain",
            reduce(values),
            low,
            high,
            len(y),
            unit_of(measure),
            slice=where,
            why=alone(len(y)),
        )


def fits_small(data, task):
    """Says whether a linear model belongs in a report by itself.

    Args:
        data: Data.
        task: Task.

    Returns:
        bool: for one class or number an example, and data so small that it
        takes about a second.

    Example:
        >>> from kerasgen.data import load
        >>> data = load("digits")
        >>> fits_small(data, data.task)
        True
    """
    known = getattr(task, "classes", None) or (
        hasattr(task, "scale") and getattr(task, "units", None) == 1
    )
    train = data.splits.get("train")
    if not known or train is None or train.y is None:
        return False
    width = int(np.prod(data.shape))
    # The number of a category is a column for each.
    width += sum(getattr(data, "indexed", {}).values())
    width *= getattr(task, "classes", None) or 1
    return len(train.ids) * width <= _SMALL
