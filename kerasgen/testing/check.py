"""check(part): does a part keep the promises of its kind?"""

from kerasgen.core import find, message, parts, snake
from kerasgen.core.registry import KINDS
from kerasgen.testing.adapters import ADAPTER_CHECKS
from kerasgen.testing.answers import PROBE_CHECKS
from kerasgen.testing.attacks import ATTACK_CHECKS
from kerasgen.testing.common import CHECKS
from kerasgen.testing.inputs import AUGMENT_CHECKS, CORRUPTION_CHECKS
from kerasgen.testing.layers import LAYER_CHECKS
from kerasgen.testing.losses import LOSS_CHECKS
from kerasgen.testing.methods import (
    METHOD_CHECKS,
    OPTIMIZER_CHECKS,
    STEP_CHECKS,
)
from kerasgen.testing.metrics import METRIC_CHECKS
from kerasgen.testing.models import MODEL_CHECKS, TASK_CHECKS

_CHECKS = {
    "model": MODEL_CHECKS,
    "classic": (),
    "task": TASK_CHECKS,
    "loss": LOSS_CHECKS,
    "metric": METRIC_CHECKS,
    "layer": LAYER_CHECKS,
    "method": METHOD_CHECKS,
    "step": STEP_CHECKS,
    "optimizer": OPTIMIZER_CHECKS,
    "augment": AUGMENT_CHECKS,
    "corruption": CORRUPTION_CHECKS,
    "attack": ATTACK_CHECKS,
    "probe": PROBE_CHECKS,
    "prepare": (),
    "adapter": ADAPTER_CHECKS,
}


def check(part, kind=None):
    """Runs every check of a part's kind.

    Args:
        part: a registered class or function, or its name together with
            `kind`.
        kind: str, the kind; None looks it up.

    Raises:
        CheckError: at the first promise that isn't kept.
        ValueError: for a part that isn't registered.

    Example:
        >>> from kerasgen.methods import Descent
        >>> check(Descent)
    """
    if isinstance(part, str):
        part = find(kind, part)
    kind = kind or _kind_of(part)
    for test in checks(kind):
        test(kind, part)


def checks(kind):
    """Lists the checks of a kind.

    Args:
        kind: str.

    Returns:
        tuple of callables `(kind, part)`.

    Example:
        >>> checks("step")[-1].__name__
        'check_step_resumes'
    """
    return CHECKS + _CHECKS[kind]


def all_checks():
    """Lists every check of every registered part.

    Returns:
        list of (kind, name, part, check).

    Example:
        >>> len(all_checks()) > 100
        True
    """
    return [
        (kind, name, part, test)
        for kind in KINDS
        for name, part in parts(kind).items()
        for test in checks(kind)
    ]


def _kind_of(part):
    for kind in KINDS:
        if parts(kind).get(snake(part.__name__)) is part:
            return kind
    raise ValueError(
        message(
            "check",
            "the part must be registered",
            {"part": part},
            "Decorate it with kerasgen.register(KIND).",
        )
    )
