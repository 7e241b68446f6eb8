"""How the model does on named test sets from elsewhere."""

import dataclasses

import numpy as np

from kerasgen.core import register
from kerasgen.evaluate.probe import Answer, Probe, forward, judge, kept
from kerasgen.evaluate.row import Row

# Splits that training, selection and the other probes have to themselves.
_OWN = ("train", "stop", "select", "test", "unlabeled")


@register("probe")
class Shift(Probe):
    """Measures the headline on each named test set, and what is lost there.

    Named test sets are those of `Data.domains` (one for each target with
    labels) and of `load(..., tests=...)`. The interval of a loss follows from
    those of both sides at level .975; that of the worst set allows for having
    looked at all of them.

    Args:
        seed: int >= 0, decides the bootstrap's draws.
        draws: int >= 100, the bootstrap's draws.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Koh et al., "WILDS: A Benchmark of in-the-Wild Distribution Shifts",
        2021, arXiv:2012.07421: each domain, and the worst. The correction is
        Bonferroni's: Dunn, "Multiple Comparisons Among Means", 1961.

    Example:
        >>> Shift().name
        'shift'
    """

    def ask(self, model, data, task, split, batch_size, outputs):
        """Answers with value and loss for each named set, and the worst."""
        names = named_sets(data, split)
        measure = task.headline
        if not names:
            why = (
                "no named test set in the data: Data.domains(...) or "
                "load(..., tests=...)"
            )
            return Answer((self.absent("worst", why, measure.better),))
        here = judge(measure, data.splits[split].y, outputs)
        here = self.measured(measure, here, level=0.975)
        rows, listing, bounds = [], {}, []
        for name in names:
            batches = data.batches(name, batch_size=batch_size)
            y = np.asarray(data.splits[name].y)
            there = judge(measure, y, forward(model, batches, batch_size))
            row = self.measured(measure, there, domain=name)
            wide = self.measured(measure, there, level=0.975, domain=name)
            rows += [row, self._drop(measure, here, wide)]
            listing.update(kept(row, there, measure.exact))
            level = 1.0 - 0.05 / len(names)
            bounds.append(self._bounded(measure, there, level, name))
        return Answer((*rows, self._worst(measure, bounds)), {}, listing)

    def _bounded(self, measure, values, level, name):
        # The more sets, the farther out are the quantiles.
        draws = max(self.draws, int(10 / (1.0 - level)))
        return Shift(self.seed, draws).measured(
            measure, values, level=level, domain=name
        )

    def _drop(self, measure, here, there):
        if None in (here.low, there.low):
            why = here.why or there.why
            return self.absent("drop", why, **there.slice)
        value, low, high = (
            here.value - there.value,
            here.low - there.high,
            here.high - there.low,
        )
        if measure.better == "lower":
            value, low, high = -value, -high, -low
        return Row(
            self.name,
            "drop",
            value,
            low,
            high,
            there.n,
            there.unit,
            "lower",
            there.slice,
        )

    def _worst(self, measure, rows):
        if any(row.low is None for row in rows):
            why = "a set has no interval: too few examples"
            return self.absent("worst", why, measure.better)
        pick = np.min if measure.better == "higher" else np.max
        return dataclasses.replace(
            rows[0],
            metric="worst",
            value=pick([row.value for row in rows]),
            low=pick([row.low for row in rows]),
            high=pick([row.high for row in rows]),
            n=sum(row.n for row in rows),
            slice={},
        )


def named_sets(data, split="test"):
    """Lists the splits that are test sets from elsewhere.

    Args:
        data: Data.
        split: str, the split of where the model was trained.

    Returns:
        list of str.

    Example:
        >>> from kerasgen.data import load
        >>> named_sets(load("wine"))
        []
    """
    return [
        name
        for name, part in data.splits.items()
        if name not in (*_OWN, split) and part.y is not None
    ]
