"""Do the model's probabilities mean what they say."""

import numpy as np

from kerasgen.core import Int, register
from kerasgen.evaluate.probe import Answer, Probe, alone, listed
from kerasgen.evaluate.row import Row
from kerasgen.metrics import (
    binomial,
    bootstrap,
    brier,
    calibration_interval,
    expected_calibration_error,
    nll,
    reliability,
)

_METRICS = ("ece", "brier", "nll")


@register("probe")
class Calibration(Probe):
    """Measures calibration error, Brier score and log loss.

    Args:
        seed: int >= 0, decides the bootstrap's draws.
        draws: int >= 100, the bootstrap's draws.
        bins: int in [2, 100], the bins of confidence, of equal width.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Guo et al., "On Calibration of Modern Neural Networks", 2017,
        arXiv:1706.04599.

    Example:
        >>> Calibration(bins=10).get_config()
        {'seed': 0, 'draws': 1000, 'bins': 10}
    """

    arguments = {**Probe.arguments, "bins": Int(2, 100)}

    def __init__(self, seed=0, draws=1000, bins=15):
        super().__init__(seed, draws, bins=bins)

    def ask(self, model, data, task, split, batch_size, outputs):
        """Answers with three rows and the reliability table."""
        if not getattr(task, "classes", None):
            return self._refuse("the task answers without probabilities")
        y = np.asarray(data.splits[split].y, "int64")
        if not len(y) or not np.isfinite(outputs).all():
            return self._refuse("the model's outputs aren't finite")
        shifted = np.exp(outputs - outputs.max(-1, keepdims=True), dtype=float)
        p = shifted / shifted.sum(-1, keepdims=True)
        rows = [self._error(y, p)]
        examples = {}
        for metric, unit in ((brier, ""), (nll, "nat")):
            values = metric(y, p)
            ends = bootstrap(values, None, self.seed, self.draws)
            row = self._row(metric.__name__, values.mean(), ends, len(y), unit)
            rows.append(row)
            examples[row.name] = listed(values)
        table = {"bins": _table(y, p, self.bins)}
        return Answer(tuple(rows), {"reliability": table}, examples)

    def _error(self, y, p):
        value = expected_calibration_error(y, p, self.bins)
        ends = calibration_interval(y, p, self.bins, self.seed, self.draws)
        return self._row("ece", value, ends, len(y))

    def _row(self, metric, value, ends, n, unit=""):
        return Row(
            self.name, metric, value, *ends, n, unit, "lower", why=alone(n)
        )

    def _refuse(self, why):
        return Answer(tuple(self.absent(metric, why) for metric in _METRICS))


def _table(y, p, bins):
    rows = reliability(y, p, bins)
    for row in rows:
        interval = binomial(row["hits"], row["n"])
        known = row["n"] > 0
        row["accuracy_low"] = interval.low if known else None
        row["accuracy_high"] = interval.high if known else None
    return rows
