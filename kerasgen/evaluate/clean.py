"""How good the model is on the split as it is."""

from collections.abc import Mapping

import numpy as np

from kerasgen.core import register
from kerasgen.evaluate.probe import Answer, Probe, alone, judge, kept, listed
from kerasgen.evaluate.row import Row
from kerasgen.metrics import bootstrap

# So many points a scatter plot shows.
_POINTS = 500


@register("probe")
class Clean(Probe):
    """Measures all that the task measures.

    For labels also the balanced accuracy and the table of confusions, for
    numbers also the coefficient of determination.

    Args:
        seed: int >= 0, decides the bootstrap's draws.
        draws: int >= 100, the bootstrap's draws.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Balanced accuracy: Brodersen et al., "The Balanced Accuracy and Its
        Posterior Distribution", 2010, doi:10.1109/ICPR.2010.764.

    Example:
        >>> Clean().name
        'clean'
    """

    def ask(self, model, data, task, split, batch_size, outputs):
        """Answers with a row for each measure."""
        y = data.splits[split].y
        if y is None and getattr(task, "labelled", True):
            why = f"split {split!r} has no labels"
            rows = [self.absent(m.name, why, m.better) for m in task.measures()]
            return Answer(tuple(rows))
        y = y if isinstance(y, Mapping) else np.asarray(y)
        rows, examples, tables = [], {}, {}
        for measure in task.measures():
            values = judge(measure, y, outputs)
            row = self.measured(measure, values)
            rows.append(row)
            examples.update(kept(row, values, measure.exact))
        known = [row.metric for row in rows]
        if getattr(task, "classes", None):
            if "balanced_accuracy" not in known:
                rows.append(self._balanced(task, y, outputs))
            tables = {"confusion": _confusion(task, y, outputs)}
        elif hasattr(task, "scale"):
            value = np.asarray(task.predict(outputs)["value"], "float64")
            if "r2" not in known:
                rows.append(self._determination(y, value))
            tables = {"scatter": self._scatter(y, value)}
        return Answer(tuple(rows), tables, examples)

    def _balanced(self, task, y, outputs):
        hit = judge(task.headline, y, outputs)
        if not len(y) or not np.isfinite(hit).all():
            return self.absent(
                "balanced_accuracy", "outputs aren't finite", "higher"
            )
        present = np.unique(y)
        place = np.searchsorted(present, y)

        def mean_recall(rows):
            where = rows[:, 0].astype("int64")
            size = np.bincount(where, minlength=len(present))
            hits = np.bincount(where, rows[:, 1], minlength=len(present))
            return (hits[size > 0] / size[size > 0]).mean()

        table = np.stack([place, hit], 1)
        return self._drawn(
            "balanced_accuracy", table, mean_recall, "share", (0.0, 1.0)
        )

    def _determination(self, y, value):
        table = np.stack([y.astype("float64"), value], 1)
        if len(y) < 2 or not np.isfinite(table).all() or not np.ptp(y) > 0:
            return self.absent(
                "r2",
                "it needs finite outputs and targets that differ",
                "higher",
            )
        return self._drawn("r2", table, _explained)

    def _drawn(self, metric, table, reduce, unit="", bounds=None):
        ends = bootstrap(table, reduce, self.seed, self.draws, bounds=bounds)
        n, value = len(table), reduce(table)
        return Row(self.name, metric, value, *ends, n, unit, why=alone(n))

    def _scatter(self, y, value):
        rows = np.arange(len(y))
        if len(rows) > _POINTS:
            random = np.random.default_rng(self.seed)
            rows = np.sort(random.choice(rows, _POINTS, replace=False))
        return {"truth": listed(y[rows]), "answer": listed(value[rows])}


def _explained(rows):
    y, value = rows[:, 0], rows[:, 1]
    spread = ((y - y.mean()) ** 2).sum()
    rest = ((y - value) ** 2).sum()
    return 1.0 - rest / spread if spread > 0 else np.nan


def _confusion(task, y, outputs):
    answer = np.argmax(outputs, -1)
    counts = np.zeros((task.classes, task.classes), "int64")
    np.add.at(counts, (np.asarray(y, "int64"), answer), 1)
    return {"labels": list(task.labels), "counts": counts.tolist()}
