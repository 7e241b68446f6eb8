"""Probe: one question to a trained model."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from kerasgen.core import Int, check_arguments, say, snake
from kerasgen.evaluate.row import Row
from kerasgen.metrics import binomial, bootstrap


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a probe found.

    Args:
        rows: tuple of Row.
        tables: dict of name to what JSON can hold, for figures.
        examples: dict of a row's name to one number per example, in the order
            of the split, for paired comparisons.

    Example:
        >>> len(Answer((Row("clean", "mae", 1.0),)))
        1
    """

    rows: tuple
    tables: dict = dataclasses.field(default_factory=dict)
    examples: dict = dataclasses.field(default_factory=dict)

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)


class Probe:
    """What every probe is; a subclass declares `arguments`, writes `ask`.

    Args:
        seed: int >= 0, decides the bootstrap's draws.
        draws: int >= 100, the bootstrap's draws.
        **values: the subclass's own arguments.

    Raises:
        ValueError: for an argument out of range.

    Attributes:
        arguments: mapping of argument name to its range.
        name: str, the first half of its rows' keys.
        reads_outputs: bool, whether `ask` wants the outputs on the split.

    Example:
        >>> class Constant(Probe):
        ...     reads_outputs = False
        ...     def ask(self, model, data, task, split, batch_size, outputs):
        ...         return Answer((Row(self.name, "one", 1.0, 1.0, 1.0, 1),))
        >>> Constant()(None, None, "task").rows[0].key
        'constant/one'
    """

    reads_outputs = True

    arguments = {"seed": Int(0), "draws": Int(100)}

    def __init__(self, seed=0, draws=1000, **values):
        given = {"seed": seed, "draws": draws, **values}
        given = check_arguments(type(self).__name__, self.arguments, given)
        for name, value in given.items():
            setattr(self, name, value)

    @property
    def name(self):
        """str, the registered name."""
        return snake(type(self).__name__)

    def __call__(
        self,
        model,
        data,
        task=None,
        *,
        split="test",
        batch_size=256,
        outputs=None,
    ):
        """Asks a model.

        Args:
            model: keras.Model from prepared tensors to logits.
            data: Data.
            task: Task, or None for the data's own.
            split: str, the split that is asked about.
            batch_size: int, the examples predicted at once.
            outputs: float array (n, units), the model's outputs on the split
                as it is, or None to have them computed where needed.

        Returns:
            Answer.
        """
        task = data.task if task is None else task
        if outputs is None and self.reads_outputs:
            batches = data.batches(split, batch_size=batch_size)
            outputs = forward(model, batches, batch_size)
        return self.ask(model, data, task, split, batch_size, outputs)

    def ask(self, model, data, task, split, batch_size, outputs):
        """Answers; a subclass writes this."""
        raise NotImplementedError

    def get_config(self):
        """Gives the declared arguments."""
        return {name: getattr(self, name) for name in self.arguments}

    @classmethod
    def from_config(cls, config):
        """Makes the probe from its arguments."""
        return cls(**config)

    def measured(self, measure, values, *, metric=None, level=0.95, **where):
        """Makes the row of one measure.

        Args:
            measure: Measure.
            values: float array (n,), one number per example, or (n, k).
            metric: str, the row's metric; the measure's name if None.
            level: float in (0, 1), the probability to cover the truth.
            **where: the row's slice.

        Returns:
            Row: an exact interval where each value is 0 or 1, else bootstrap.
        """
        values = np.asarray(values, "float64")
        row = {
            "probe": self.name,
            "metric": metric or measure.name,
            "n": len(values),
            "unit": unit_of(measure),
            "better": measure.better,
            "slice": where,
        }
        finite = np.isfinite(values).all(tuple(range(1, values.ndim)))
        bad = int((~finite).sum())
        if bad or not len(values):
            why = f"{bad} of {len(values)} examples gave no finite number"
            return Row(value=None, why=why, **row)
        if measure.exact:
            interval = binomial(values.sum(), len(values), level)
        else:
            bounds = (0.0, 1.0) if unit_of(measure) == "share" else None
            interval = bootstrap(
                values, measure.reduce, self.seed, self.draws, level, bounds
            )
        return Row(
            value=measure.reduce_values(values),
            low=interval.low,
            high=interval.high,
            why=alone(len(values)),
            **row,
        )

    def absent(self, metric, why, better="lower", **where):
        """Makes the row of a question that doesn't fit."""
        return Row(self.name, metric, None, better=better, slice=where, why=why)


def unit_of(measure):
    """Gives the unit of a measure's row.

    Args:
        measure: Measure.

    Returns:
        str, "share" where each example counts 0 or 1.

    Example:
        >>> from kerasgen.core import create
        >>> unit_of(create("task", "classification").headline)
        'share'
    """
    return measure.unit or ("share" if measure.exact else "")


def alone(n):
    """Says why a sample of one has no interval.

    Args:
        n: int, the number of examples.

    Returns:
        str, or None for a greater sample.

    Example:
        >>> alone(2) is None
        True
    """
    return "one example has no interval" if n == 1 else None


def judge(measure, y, outputs):
    """Gives one number per example, not a number where the outputs aren't.

    Args:
        measure: Measure.
        y: array (n,), the truth; of several tasks a dict of them.
        outputs: float array (n, units), or likewise a dict.

    Returns:
        float64 array (n,), or (n, k).

    Example:
        >>> from kerasgen.core import create
        >>> measure = create("task", "classification").headline
        >>> judge(measure, np.array([0, 0]), [[1.0, 0.0], [np.nan, 0.0]])
        array([ 1., nan])
    """
    if not isinstance(outputs, Mapping):
        outputs = np.asarray(outputs)
    parts = outputs.values() if isinstance(outputs, Mapping) else [outputs]
    finite = np.all(
        [np.isfinite(p).reshape(len(p), -1).all(1) for p in parts], 0
    )
    values = np.array(measure.values(y, outputs), "float64")
    values[~finite] = np.nan
    return values


def forward(model, batches, batch_size):
    """Predicts a split batch by batch, in order.

    The last batch is filled up to the size of the others, so that one
    compiled function serves all of them.

    Args:
        model: keras.Model.
        batches: iterable of `(x, y)` or `(x, y, weight)`.
        batch_size: int.

    Returns:
        float array (n, units), or dict of them where the model gives one.

    Example:
        >>> import keras
        >>> inputs = keras.Input((1,))
        >>> model = keras.Model(inputs, keras.layers.ReLU()(inputs))
        >>> batches = [([[-1.0], [2.0]], 0), ([[3.0]], 0)]
        >>> forward(model, batches, 2).ravel().tolist()
        [0.0, 2.0, 3.0]
    """
    outputs = []
    for x, *_ in batches:
        x = np.asarray(_taken(model, x))
        n = len(x)
        if n < batch_size:
            x = np.concatenate([x, np.repeat(x[:1], batch_size - n, 0)])
        found = model.predict_on_batch(x)
        several = isinstance(found, Mapping)
        found = found if several else {None: found}
        outputs.append({k: np.asarray(v)[:n] for k, v in found.items()})
    found = {k: np.concatenate([o[k] for o in outputs]) for k in outputs[0]}
    return found if several else found[None]


def _taken(model, x):
    """Of several inputs the one that a model with one input is named for."""
    if not isinstance(x, Mapping):
        return x
    return x[model.inputs[0].name]


def listed(values, exact=False):
    """Gives per-example numbers as JSON can hold them.

    Args:
        values: float array (n,).
        exact: bool, whether each is 0 or 1.

    Returns:
        List of int or float; None where a number isn't finite.

    Example:
        >>> listed(np.array([0.5, np.nan])), listed(np.ones(2), exact=True)
        ([0.5, None], [1, 1])
    """
    if exact and np.isfinite(values).all():
        return [int(value) for value in values]
    return [
        float(f"{value:.9g}") if np.isfinite(value) else None
        for value in values
    ]


def kept(row, values, exact=False):
    """Keeps one number per example for paired comparisons.

    Args:
        row: Row that the numbers amount to.
        values: float array (n,), or (n, k) of numbers that only all together
            make one, which are not kept.
        exact: bool, whether each is 0 or 1.

    Returns:
        dict of the row's name to a list, or an empty one.

    Example:
        >>> kept(Row("clean", "f1", 1.0), np.ones((3, 2)))
        {}
    """
    return {row.name: listed(values, exact)} if np.ndim(values) == 1 else {}


def ask_all(probes, model, data, task, split, batch_size):
    """Asks several probes; those that can share the clean outputs.

    Args:
        probes: list of Probe.
        model: keras.Model.
        data: Data.
        task: Task.
        split: str.
        batch_size: int.

    Returns:
        Answer with the rows, tables and examples of all.
    """
    rows, tables, examples, outputs = [], {}, {}, None
    for probe in probes:
        shared = {}
        if getattr(probe, "reads_outputs", False):
            if outputs is None:
                batches = data.batches(split, batch_size=batch_size)
                outputs = forward(model, batches, batch_size)
            shared["outputs"] = outputs
        answer = probe(
            model, data, task, split=split, batch_size=batch_size, **shared
        )
        say("probe %s: %d rows", getattr(probe, "name", probe), len(answer))
        rows.extend(answer)
        tables.update(getattr(answer, "tables", {}))
        examples.update(getattr(answer, "examples", {}))
    return Answer(tuple(rows), tables, examples)
