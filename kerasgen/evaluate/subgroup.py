"""Whom the model serves worst."""

import dataclasses

import numpy as np

from kerasgen.core import register
from kerasgen.evaluate.probe import Answer, Probe, judge, kept, unit_of
from kerasgen.evaluate.row import Row

# Groups beyond this many are patients or files, not subgroups.
_MOST = 50


@register("probe")
class Subgroup(Probe):
    """Measures the headline for each class and each group.

    The intervals of the worst group and of the gap between best and worst
    allow for having looked at all groups: with each group's interval at level
    1 - .05 / groups, all hold together in 95 of 100 cases, and so do the
    bounds that follow from them.

    Args:
        seed: int >= 0, decides the bootstrap's draws.
        draws: int >= 100, the bootstrap's draws.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Buolamwini & Gebru, "Gender Shades", 2018; the correction is
        Bonferroni's: Dunn, "Multiple Comparisons Among Means", 1961.

    Example:
        >>> Subgroup().name
        'subgroup'
    """

    def ask(self, model, data, task, split, batch_size, outputs):
        """Answers with a row for each class and group, the worst, the gap."""
        examples = data.splits[split]
        measure = task.headline
        values = judge(measure, examples.y, outputs)
        rows, listing = [], {}
        for by, keys in _partitions(task, examples):
            groups = [(key, values[keys == key]) for key in np.unique(keys)]
            groups = [(str(key), inside) for key, inside in groups]
            if len(groups) > _MOST:
                why = f"{len(groups)} values name examples, not subgroups"
                rows.append(self.absent("worst", why, measure.better, by=by))
                continue
            if by == "class":
                groups = [(task.labels[int(k)], v) for k, v in groups]
            for name, inside in groups:
                row = self.measured(measure, inside, **{by: name})
                rows.append(row)
                listing.update(kept(row, inside, measure.exact))
            rows.extend(self._extremes(measure, by, groups))
        if not rows:
            why = "no classes, and no groups in the data: load(..., group=...)"
            rows = [self.absent("worst", why), self.absent("gap", why)]
        return Answer(tuple(rows), {}, listing)

    def _extremes(self, measure, by, groups):
        level = 1.0 - 0.05 / len(groups)
        # The more groups, the farther out are the quantiles.
        wide = Subgroup(self.seed, max(self.draws, 200 * len(groups)))
        bounds = [
            wide.measured(measure, values, level=level) for _, values in groups
        ]
        n = sum(row.n for row in bounds)
        if any(row.value is None or row.low is None for row in bounds):
            why = f"a {by} has no interval: too few examples"
            return [
                self.absent("worst", why, measure.better, by=by),
                self.absent("gap", why, by=by),
            ]
        value = np.array([row.value for row in bounds])
        low = np.array([row.low for row in bounds])
        high = np.array([row.high for row in bounds])
        pick = np.min if measure.better == "higher" else np.max
        worst = Row(
            self.name,
            "worst",
            pick(value),
            pick(low),
            pick(high),
            n,
            unit_of(measure),
            measure.better,
            {"by": by},
        )
        gap = dataclasses.replace(
            worst,
            metric="gap",
            value=value.max() - value.min(),
            low=max(0.0, low.max() - high.min()),
            high=high.max() - low.min(),
            better="lower",
        )
        return [worst, gap]


def _partitions(task, examples):
    parts = []
    if getattr(task, "classes", None):
        parts.append(("class", np.asarray(examples.y, "int64")))
    if examples.group is not None:
        parts.append(("group", np.asarray(examples.group).astype(str)))
    return [(by, keys) for by, keys in parts if len(keys)]
