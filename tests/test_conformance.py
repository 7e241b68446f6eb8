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


def some(kind, every):
    """One in `every` parts of a kind, for checks that compile each part."""
    return set(sorted(kerasgen.core.parts(kind))[::every])


ALL = set(kerasgen.core.parts("corruption"))
BRIEF = {
    "check_trains_resumes_saves": some("method", 5) | set(SHAPES),
    "check_odd_batches": some("method", 3) | set(SHAPES),
    "check_draws_differ": some("augment", 5),
    "check_is_pure": some("augment", 5) | ALL,
    "check_runs_in_tf_data": some("augment", 5) | some("corruption", 5),
    "check_severity_orders": some("corruption", 3),
    "check_takes_one_example": some("augment", 5) | ALL,
    "check_composes_with_steps": SHAPES,
    "check_resumes_after_a_kill": SHAPES,
    "check_fits_a_plain_model": IN_A_MODEL,
}


def _marks(name, check):
    slow = name not in BRIEF.get(check.__name__, (name,))
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
            marks=_marks(name, check),
        )
        for kind, name, part, check in all_checks()
    ],
)
def test_part(kind, part, check):
    check(kind, part)
