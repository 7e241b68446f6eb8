"""One experiment as data, and the way from it to a served model."""

from kerasgen.recipe.build import (
    build,
    complete,
    load_data,
    objectives,
    preflight,
    shrink,
    train,
)
from kerasgen.recipe.erm_plus_plus import erm_plus_plus
from kerasgen.recipe.folder import claim, code_fingerprint, save_model
from kerasgen.recipe.out_of_fold import out_of_fold
from kerasgen.recipe.outcome import Run, load_run, missed
from kerasgen.recipe.recipe import Recipe
from kerasgen.recipe.run import (
    conclude,
    cross_validate,
    finish,
    run,
    smaller,
)
from kerasgen.recipe.twin import beside_source, check_twin

__all__ = [
    "Recipe",
    "Run",
    "beside_source",
    "build",
    "check_twin",
    "claim",
    "code_fingerprint",
    "complete",
    "conclude",
    "cross_validate",
    "erm_plus_plus",
    "finish",
    "load_data",
    "load_run",
    "missed",
    "objectives",
    "out_of_fold",
    "preflight",
    "run",
    "save_model",
    "shrink",
    "smaller",
    "train",
]
