"""What is left of the score when the data get worse."""

import dataclasses
import inspect

import numpy as np

from kerasgen.augment import (
    Video,
    corrupt,
    corrupt_audio,
    corrupt_codec,
    corrupt_table,
    corrupt_text,
)
from kerasgen.core import Int, one_of, parts, register, say
from kerasgen.evaluate.probe import (
    Answer,
    Probe,
    forward,
    judge,
    kept,
    unit_of,
)

# Imported for their registration.
_OURS = (
    corrupt,
    corrupt_audio,
    corrupt_codec,
    corrupt_table,
    corrupt_text,
)

# What fits tables without number columns too.
_ANY_COLUMN = ("missing_columns", "swapped_columns")


class Kinds:
    """Names and families of corruptions.

    Example:
        >>> Kinds().check("Corruption", "kinds", "imagenet_c")
        ('imagenet_c',)
    """

    search = None

    def check(self, where, name, value):
        """Checks names and returns them as a tuple."""
        known = [*corrupt.FAMILIES, "all", *parts("corruption")]
        value = (value,) if isinstance(value, str) else tuple(value)
        for one in value:
            one_of(where, name, one, known)
        return value

    def legal(self):
        """Writes the legal values."""
        families = ", ".join(repr(name) for name in corrupt.FAMILIES)
        return f"names of corruptions, {families} or 'all'"

    def outside(self):
        """Gives one value that must be refused."""
        return "no such corruption"


@register("probe")
class Corruption(Probe):
    """Measures the headline under the corruptions that fit the data.

    Each corruption has a row for each severity and one for its mean over
    them; the mean over everything is drawn over examples, all conditions of
    an example together. Videos get the corruptions of images, held still: one
    draw for all frames of a clip.

    Args:
        seed: int >= 0, decides the bootstrap's draws; the corruptions' own
            come from the data's seed.
        draws: int >= 100, the bootstrap's draws.
        severities: int in [1, 5], how many of the five severities are asked
            about, spread from the mildest to the hardest.
        kinds: which corruptions: names and families, one or a sequence.
            Families are "standard" (for images and videos six quick ones, for
            other data all), "imagenet_c" (15), "imagenet_c_extra" (4),
            "mnist_c" (15) and "all". None takes "standard".

    Raises:
        ValueError: for an argument out of range, or an unknown name.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> Corruption(severities=3).levels
        [1, 3, 5]
    """

    arguments = {
        **Probe.arguments,
        "severities": Int(1, 5),
        "kinds": Kinds(),
    }

    def __init__(self, seed=0, draws=1000, severities=5, kinds=None):
        super().__init__(seed, draws, severities=severities, kinds=kinds)

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
        for name, part in _fitting(data.schema.kind, self.kinds).items():
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
                made = part(severity=severity, **given)
                if data.schema.kind == "video" and made.kind == "image":
                    made = Video(made)
                batches = data.batches(
                    split, batch_size=batch_size, corrupt=made
                )
                worse = forward(model, batches, batch_size)
                values = judge(measure, y, worse)
                row = self.measured(
                    measure, values, corruption=name, severity=severity
                )
                rows.append(row)
                examples.update(kept(row, values, measure.exact))
                found.append(values)
            rows.append(self._mean(measure, found, corruption=name))
            examples.update(kept(rows[-1], np.mean(found, 0)))
            whole.extend(found)
            say("corruption %s: %.4g", name, rows[-1].value or np.nan)
        if not whole:
            why = f"no corruption fits data of kind {data.schema.kind!r}"
            rows.append(self.absent(f"mean_{measure.name}", why))
            return Answer(tuple(rows))
        rows.append(self._mean(measure, whole))
        examples.update(kept(rows[-1], np.mean(whole, 0)))
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
        table = np.mean(values, 0)
        if table.ndim > 1:
            # Of numbers that only all examples have: their mean.
            table, parts = np.concatenate(values, 1), len(values)
            mean = dataclasses.replace(
                mean, reduce=lambda rows: _mean_of(measure, rows, parts)
            )
        return self.measured(mean, table, metric=metric, **where)


def _mean_of(measure, rows, parts):
    found = [measure.reduce(part) for part in np.split(rows, parts, 1)]
    return float(np.mean(found))


def _fitting(kind, named=None):
    """The corruptions of `named` that fit a kind of data."""
    like = {"video": "image", "tokens": "text"}
    kinds = (None, kind, like.get(kind, kind))
    found = parts("corruption")
    fit = {n: p for n, p in found.items() if p.kind in kinds}
    wanted = set()
    for name in named or ("standard",):
        if name == "standard" and "image" not in kinds or name == "all":
            wanted.update(fit)
        else:
            wanted.update(corrupt.FAMILIES.get(name, (name,)))
    return {n: p for n, p in fit.items() if n in wanted}


def _unfit(name, schema):
    if name == "missing_words" and schema.target == "tags":
        return "words that go take their tags along"
    if schema.kind != "table" or name in _ANY_COLUMN:
        return None
    numbers = [column for column in schema.columns if column.kind == "number"]
    return None if numbers else "the table has no number columns"


def _handed(data):
    """What the data know and a corruption may want."""
    schema = data.schema
    if schema.kind in ("image", "video"):
        return {"low": schema.low, "high": schema.high}
    if schema.kind == "audio":
        return {"sample_rate": schema.rate}
    if schema.kind != "table":
        return {}
    scales = {}
    raw = data.raw("train")
    for column in data.schema.columns:
        if column.kind == "number":
            values = np.asarray(raw[column.name], "float64")
            values = values[np.isfinite(values)]
            scales[column.name] = float(values.std()) if len(values) else 0.0
    return {"scales": scales}
