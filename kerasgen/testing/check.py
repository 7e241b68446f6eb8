"""check(part): does a part keep the promises of its kind?"""

from kerasgen.core import find, message, parts, snake
from kerasgen.core.registry import KINDS
from kerasgen.testing import answers, common, inputs, methods, models

_CHECKS = {
    "model": models.MODEL_CHECKS,
    "task": models.TASK_CHECKS,
    "method": methods.METHOD_CHECKS,
    "step": methods.STEP_CHECKS,
    "optimizer": methods.OPTIMIZER_CHECKS,
    "augment": inputs.AUGMENT_CHECKS,
    "corruption": inputs.CORRUPTION_CHECKS,
    "probe": answers.PROBE_CHECKS,
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
        'check_step_leaves_no_trace'
    """
    return common.CHECKS + _CHECKS[kind]


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
