"""Every registered part keeps the promises of its kind."""

import pytest

import kerasgen  # noqa: F401 — registers the parts
from kerasgen.testing import all_checks

# Of each shape of method one is asked by default, the others by
# `make test-slow`: compiling a training twice takes its time.
SHAPES = (
    *("erm", "dann", "mcd", "co_teaching", "trades", "irm"),
    "free_training",
)


def _marks(name, check):
    slow = check.__name__ in (
        "check_composes_with_steps",
        "check_resumes_after_a_kill",
    )
    return [pytest.mark.slow] if slow and name not in SHAPES else []


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
