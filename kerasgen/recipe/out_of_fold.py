"""Probabilities of training examples by models that haven't seen them."""

import dataclasses

import numpy as np

from kerasgen.core import message, say, without_retracing
from kerasgen.data import fold_indices
from kerasgen.recipe.build import build, load_data, train
from kerasgen.tasks.base import probabilities as shares_of


def out_of_fold(recipe, folds=5, verbose=0):
    """Trains on each fold's rest, and asks about the fold.

    The train split is cut into folds with their shares of each given label;
    the other splits, and what prepares the data, stay.

    Args:
        recipe: Recipe with classes.
        folds: int >= 2.
        verbose: int; 0 is silent.

    Returns:
        float64 array (n, classes), one row for each example of the train
        split, in its order.

    Raises:
        ValueError: for a task without classes, or more folds than examples.

    Source:
        Northcutt et al., "Confident Learning", 2021, arXiv:1911.00068,
        section 3.1.

    Example:
        >>> from kerasgen.recipe import Recipe
        >>> recipe = Recipe(data="wine", epochs=1)
        >>> out_of_fold(recipe, folds=2).shape
        (107, 3)
    """
    data = load_data(recipe)
    if data.classes is None:
        raise ValueError(
            message(
                "out_of_fold",
                "the task must have classes",
                {"task": type(data.task).__name__},
            )
        )
    whole = data.splits["train"]
    y = np.asarray(whole.y)
    found = np.empty((len(y), data.classes))
    pairs = fold_indices(y, folds, data.seed, None, "class")
    for number, (rest, fold) in enumerate(pairs, 1):
        splits = {
            **data.splits,
            "train": whole.take(rest),
            "fold": whole.take(fold),
        }
        part = dataclasses.replace(data, splits=splits)
        with without_retracing():
            method = build(recipe, part)
            train(recipe, part, method, verbose=verbose)
        x, _ = part.tensors("fold")
        found[fold] = shares_of(method.model.predict(x, 256, verbose=0))
        say("Fold %d of %d asked.", number, folds)
    return found
