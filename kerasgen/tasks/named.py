"""Losses and metrics that a task is told by name."""

from collections.abc import Mapping

from kerasgen.core import create, find, message, one_of, parts, table
from kerasgen.tasks.base import Measure


def criterion_of(where, spec, asks):
    """Describes the loss that a task is told, checked by making it once.

    Args:
        where: str, the task's class.
        spec: a registered name, or a mapping of `name` and arguments.
        asks: str, what the loss must be for: "label" or "number".

    Returns:
        dict of `name` and arguments.

    Raises:
        TypeError: for another form.
        ValueError: for an unknown loss, one for something else, or an
            argument out of range.

    Example:
        >>> criterion_of("Regression", "huber", "number")
        {'name': 'huber'}
    """
    made, spec = _made(where, "criterion", "loss", spec)
    if getattr(made, "asks", None) != asks:
        fitting = [
            name
            for name, part in parts("loss").items()
            if getattr(part, "asks", None) == asks
        ]
        one_of(where, "criterion", spec["name"], fitting)
    return spec


def also_of(where, specs, asks):
    """Describes the metrics that a task shows beside its own.

    Args:
        where: str, the task's class.
        specs: a name or mapping, or several.
        asks: str, what a model gives: "label" or "number".

    Returns:
        tuple of dict of `name` and arguments.

    Raises:
        TypeError: for another form.
        ValueError: for an unknown metric, one for something else, or an
            argument out of range.

    Example:
        >>> also_of("Classification", ["f1"], "label")
        ({'name': 'f1'},)
    """
    specs = (specs,) if isinstance(specs, (str, Mapping)) else tuple(specs)
    found = []
    for spec in specs:
        made, spec = _made(where, "also", "metric", spec)
        if made.asks != asks:
            fitting = [n for n, p in parts("metric").items() if p.asks == asks]
            one_of(where, "also", spec["name"], fitting)
        found.append(spec)
    return tuple(found)


def _made(where, field, kind, spec):
    spec = {"name": spec} if isinstance(spec, str) else spec
    if not isinstance(spec, Mapping) or "name" not in spec:
        raise TypeError(
            message(
                where,
                f"`{field}` must be a name, or a mapping with a `name`",
                {field: spec},
            )
        )
    one_of(where, field, spec["name"], parts(kind))
    made = create(kind, spec)
    given = {key: getattr(made, key) for key in spec if key != "name"}
    return made, {"name": spec["name"], **given}


def metric_of(spec, **known):
    """Makes a metric by name, and leaves what is no registered name.

    Args:
        spec: a registered name, a mapping of `name` and arguments, or what
            Keras takes for a metric.
        **known: what the task knows, such as `classes`; a metric takes what
            it declares.

    Returns:
        keras.metrics.Metric, named by its arguments: "f1_macro"; or `spec`.

    Example:
        >>> metric_of({"name": "f1", "average": "macro"}, classes=3).name
        'f1_macro'
        >>> metric_of("mse")
        'mse'
    """
    spec = {"name": spec} if isinstance(spec, str) else spec
    if not isinstance(spec, Mapping):
        return spec
    if spec.get("name") not in parts("metric") and len(spec) == 1:
        return spec["name"]
    declared = table(find("metric", spec["name"]))
    given = {name: spec[name] for name in spec if name not in ("name", *known)}
    name = "_".join(str(value) for value in (spec["name"], *given.values()))
    known = {key: value for key, value in known.items() if key in declared}
    return create("metric", spec, name=name.replace(".", "_"), **known)


def measures_of(metrics, known):
    """Makes a report's measures of metrics.

    Args:
        metrics: list of keras.metrics.Metric, ours.
        known: iterable of str, names of measures that are there already.

    Returns:
        list of Measure.

    Example:
        >>> measures_of([metric_of("f1")], ["accuracy"])[0].name
        'f1'
    """
    return [
        Measure(each.name, each.values, each.better, each.unit, each.reduce)
        for each in metrics
        if each.name not in known
    ]
