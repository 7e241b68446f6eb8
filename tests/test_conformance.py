"""Every registered part keeps the promises of its kind."""

import pytest

import kerasgen  # noqa: F401 — registers the parts
from kerasgen.testing import all_checks


def _label(kind, name, part, check):
    return f"{kind}-{name}-{check.__name__.removeprefix('check_')}"


@pytest.mark.parametrize(
    "kind, part, check",
    [
        pytest.param(kind, part, check, id=_label(kind, name, part, check))
        for kind, name, part, check in all_checks()
    ],
)
def test_part(kind, part, check):
    check(kind, part)
