"""What is left of the score when the data get worse."""

import dataclasses
import inspect

import numpy as np

from kerasgen.augment import corrupt, corrupt_table
from kerasgen.core import Int, parts, register, say
from kerasgen.evaluate.probe import (
    Answer,
    Probe,
    forward,
    judge,
    listed,
    unit_of,
)

# Imported for their registration.
_OURS = (corrupt, corrupt_table)


@register("probe")
class Corruption(Probe):
    """Measures the headline under every corruption that fits the data.

    Each corruption has a row for each severity and one for its mean over
    them; the mean over everything is drawn over examples, all conditions of
    an example together.

    Args:
        seed: int >= 0, decides the bootstrap's draws; the corruptions' own
            come from the data's seed.
        draws: int >= 100, the bootstrap's draws.
        severities: int in [1, 5], how many of the five severities are asked
            about, spread from the mildest to the hardest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> Corruption(severities=3).levels
        [1, 3, 5]
    """

    arguments = {**Probe.arguments, "severities": Int(1, 5)}

    def __init__(self, seed=0, draws=1000, severities=5):
        super().__init__(seed, draws, severities=severities)

    @property
    def levels(self):
        """List of int, the severities that are asked about."""
        if self.severities == 1:
            return [3]
        spread = np.linspace(1, 5, self.severities)
        return [int(level) for level in np.ceil(spread - 0.5)]

    def ask(self, model, data, task, split, batch_size, outputs):
        """Answers with a row for each corruption and severity."""
        measure = task.headline
        y = np.asarray(data.splits[split].y)
        handed = _handed(data)
        rows, examples, whole = [], {}, []
        for name, part in _fitting(data.schema.kind).items():
            why = _unfit(name, data.schema)
            if why:
                rows.append(
                    self.absent(
                        measure.name, why, measure.better, corruption=name
                    )
                )
                continue
            taken = inspect.signature(part).parameters
            given = {k: v for k, v in handed.items() if k in taken}
            found = []
            for severity in self.levels:
                batches = data.batches(
                    split,
                    batch_size=batch_size,
                    corrupt=part(severity=severity, **given),
                )
                worse = forward(model, batches, batch_size)
                values = judge(measure, y, worse)
                row = self.measured(
                    measure, values, corruption=name, severity=severity
                )
                rows.append(row)
                examples[row.name] = listed(values, measure.exact)
                found.append(values)
            rows.append(self._mean(measure, found, corruption=name))
            examples[rows[-1].name] = listed(np.mean(found, 0))
            whole.extend(found)
            say("corruption %s: %.4g", name, rows[-1].value or np.nan)
        if not whole:
            why = f"no corruption fits data of kind {data.schema.kind!r}"
            rows.append(self.absent(f"mean_{measure.name}", why))
            return Answer(tuple(rows))
        rows.append(self._mean(measure, whole))
        examples[rows[-1].name] = listed(np.mean(whole, 0))
        clean = judge(measure, y, outputs)
        table = {
            "metric": measure.name,
            "unit": unit_of(measure),
            "better": measure.better,
            "clean": self.measured(measure, clean).to_dict(),
        }
        return Answer(tuple(rows), {"corruption": table}, examples)

    def _mean(self, measure, values, **where):
        mean = dataclasses.replace(measure, exact=False, unit=unit_of(measure))
        metric = f"mean_{measure.name}"
        return self.measured(mean, np.mean(values, 0), metric=metric, **where)


def _fitting(kind):
    found = parts("corruption")
    return {n: p for n, p in found.items() if p.kind in (None, kind)}


def _unfit(name, schema):
    if schema.kind != "table" or name == "missing_columns":
        return None
    numbers = [column for column in schema.columns if column.kind == "number"]
    return None if numbers else "the table has no number columns"


def _handed(data):
    """What the data know and a corruption may want."""
    if data.schema.kind == "image":
        return {"low": data.schema.low, "high": data.schema.high}
    scales = {}
    raw = data.raw("train")
    for column in data.schema.columns:
        if column.kind == "number":
            values = np.asarray(raw[column.name], "float64")
            values = values[np.isfinite(values)]
            scales[column.name] = float(values.std()) if len(values) else 0.0
    return {"scales": scales}
