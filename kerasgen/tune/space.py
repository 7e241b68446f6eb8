"""The search space: declared ranges, as KerasTuner's hyperparameters."""

import keras_tuner

from kerasgen.core import Choice, Float, Int, message, one_of


def search_space(recipe, space=None):
    """Chooses what a search varies.

    Args:
        recipe: Recipe, complete.
        space: None for all declared ranges, a list of dotted names out of
            those, or a mapping of dotted name to a range, a pair
            `(low, high)` or a list of values.

    Returns:
        dict of dotted name to range.

    Raises:
        ValueError: for a name that can't be varied, with the nearest one, or
            values that are not legal.

    Example:
        >>> from kerasgen.recipe import Recipe
        >>> recipe = Recipe(model="tabular_classifier")
        >>> sorted(search_space(recipe, ["batch_size", "model.dropout"]))
        ['batch_size', 'model.dropout']
    """
    declared = recipe.space()
    if space is None:
        return declared
    chosen = {}
    for name in space:
        one_of("tune", "space", name, declared)
        bounds = declared[name]
        if isinstance(space, dict):
            bounds = _narrow(name, bounds, space[name])
        chosen[name] = bounds
    if not chosen:
        raise ValueError(
            message(
                "tune", "`space` must name something to vary", {"space": space}
            )
        )
    return dict(sorted(chosen.items()))


def _narrow(name, bounds, wanted):
    if isinstance(wanted, (Float, Choice)):
        return wanted
    if (
        isinstance(wanted, tuple)
        and len(wanted) == 2
        and isinstance(bounds, Float)
    ):
        return type(bounds)(bounds.low, bounds.high, wanted, bounds.log)
    for value in wanted:
        bounds.check("tune", name, value)
    return Choice(tuple(wanted), tuple(wanted))


def hyperparameters(space):
    """Writes a space as KerasTuner's hyperparameters.

    Args:
        space: mapping of dotted name to range.

    Returns:
        keras_tuner.HyperParameters.

    Example:
        >>> found = hyperparameters({"a": Float(0, search=(0.1, 1.0))})
        >>> [hp.name for hp in found.space]
        ['a']
    """
    found = keras_tuner.HyperParameters()
    for name, bounds in space.items():
        if isinstance(bounds, Choice):
            found.Choice(name, list(bounds.search))
            continue
        make = found.Int if isinstance(bounds, Int) else found.Float
        low, high = bounds.search
        make(name, low, high, sampling="log" if bounds.log else "linear")
    return found
