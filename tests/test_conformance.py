"""Every registered part keeps the promises of its kind."""

import pytest

import kerasgen
from kerasgen.testing import all_checks

# Of each shape of method one is asked by default, the others by
# `make test-slow`: compiling a training twice takes its time.
SHAPES = (
    *("erm", "dann", "mcd", "co_teaching", "trades", "irm"),
    "free_training",
)


# Of each form of metric one is trained with by default.
IN_A_MODEL = ("f1", "auc", "r2")
BRIEF = {
    "check_composes_with_steps": SHAPES,
    "check_resumes_after_a_kill": SHAPES,
    "check_fits_a_plain_model": IN_A_MODEL,
}


# These compile something for each part: a third of a kind's parts, and all
# shapes of methods, do by default. The cheap checks look at every part.
COMPILES = {
    "method": ("check_trains_resumes_saves",),
    "augment": (
        "check_draws_differ",
        "check_is_pure",
        "check_runs_in_tf_data",
        "check_takes_one_example",
    ),
    "corruption": ("check_runs_in_tf_data", "check_severity_orders"),
}
THIRD = {
    kind: {*sorted(kerasgen.core.parts(kind))[::3], *SHAPES}
    for kind in COMPILES
}


def _marks(kind, name, check):
    told = check.__name__
    brief = THIRD[kind] if told in COMPILES.get(kind, ()) else (name,)
    slow = name not in BRIEF.get(told, brief)
    return [pytest.mark.slow] if slow else []


def _label(kind, name, part, check):
    return f"{kind}-{name}-{check.__name__.removeprefix('check_')}"


@pytest.mark.parametrize(
    "kind, part, check",
    [
        pytest.param(
            kind,
            part,
            check,
            id=_label(kind, name, part, check),
            marks=_marks(kind, name, check),
        )
        for kind, name, part, check in all_checks()
    ],
)
def test_part(kind, part, check):
    check(kind, part)
