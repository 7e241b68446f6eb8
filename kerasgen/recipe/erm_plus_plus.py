"""ERM++ (Teterwak et al., 2023): plain training, done thoroughly."""

import dataclasses

import numpy as np

from kerasgen.core import Float, Int, message, say
from kerasgen.data.data import assemble
from kerasgen.data.examples import join
from kerasgen.recipe.build import build, complete, load_data, train


def erm_plus_plus(recipe, longer=4, average=0.999):
    """Finds how long to train, and writes the recipe that uses all data.

    It trains once, `longer` times the recipe's epochs, with averaged weights
    and a constant learning rate, so that a shorter training is a part of the
    longer one, and looks on the split `stop` for the best epoch. What comes
    back trains as long on `train` and `stop` together, without stopping. The
    numbers that it logs for `stop` are then those of training data; `select`
    and `test` stay apart. Keep `stop` from the training domains, as the paper
    does: it never looks at the target.

    Of the paper's list this is what serves a network that begins at random:
    longer training, all data, averaged weights, and normalization that is
    trained. Strong weights to begin with, and training their new head first,
    have no counterpart here. The method stays the recipe's: ERM, or another.

    Args:
        recipe: Recipe.
        longer: int >= 1, how many times the recipe's epochs are tried.
        average: float in [0, 1), the momentum of the weights' average. The
            paper's is an even mean from a step on; the average here is
            exponential, whose horizon grows with the steps at first.

    Returns:
        Recipe with data in memory, to be run or trained.

    Raises:
        ValueError: for an argument out of range, or data without a split
            `stop` that has labels.

    Source:
        Teterwak et al., "ERM++: An Improved Baseline for Domain
        Generalization", 2023, arXiv:2304.01973, section 3.

    Example:
        >>> from kerasgen.recipe import Recipe
        >>> found = erm_plus_plus(Recipe(data="wine", epochs=1), longer=2)
        >>> found.epochs in (1, 2), found.training["patience"] is None
        (True, True)
    """
    longer = Int(1).check("erm_plus_plus", "longer", longer)
    average = Float(0.0, 0.9999999).check("erm_plus_plus", "average", average)
    data = load_data(recipe)
    if "stop" not in data.splits or data.splits["stop"].y is None:
        raise ValueError(
            message(
                "erm_plus_plus",
                "the data must have a split `stop` with labels",
                {"splits": list(data.splits)},
                "Pass `split` to kerasgen.data.load.",
            )
        )
    training = {
        **recipe.training,
        "average": average,
        "patience": None,
        "warm_up": None,
    }
    recipe = dataclasses.replace(complete(recipe, data), training=training)
    tried = dataclasses.replace(recipe, epochs=longer * recipe.epochs)
    history = train(tried, data, build(tried, data))
    losses = [row["val_loss"] for row in history]
    best = int(np.nanargmin(losses)) + 1
    say("ERM++: %d of %d epochs, on all data", best, tried.epochs)
    whole = join([data.splits["train"], data.splits["stop"]])
    data = assemble(
        data.name,
        data.task,
        data.schema,
        {**data.splits, "train": whole},
        data.seed,
        data.skipped,
        data.plan,
    )
    return dataclasses.replace(recipe, data=data, epochs=best)
