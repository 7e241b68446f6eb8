"""Parts by kind and name: what the command line lists and a recipe names."""

import re
from collections.abc import Mapping

import keras

from kerasgen.core.check import message, one_of

KINDS = (
    "task",
    "loss",
    "metric",
    "layer",
    "model",
    "classic",
    "method",
    "step",
    "optimizer",
    "augment",
    "corruption",
    "attack",
    "probe",
    "adapter",
    "prepare",
)
# What every part of a kind takes, beside the arguments that it declares.
_COMMON = {"method": ("step",)}
_PARTS = {kind: {} for kind in KINDS}


def snake(name):
    """Turns a class name into a part's name; acronyms stay whole.

    Args:
        name: str, in camel case.

    Returns:
        str, in snake case.

    Example:
        >>> snake("GaussianNoise"), snake("ASAM"), snake("MixUp")
        ('gaussian_noise', 'asam', 'mix_up')
    """
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def register(kind, arguments=None):
    """Registers a class or function as a part, and with Keras for saving.

    Args:
        kind: str, one of `KINDS`.
        arguments: mapping of argument name to its range, for a function; a
            class carries its table as the attribute `arguments`.

    Returns:
        A decorator that returns what it decorates.

    Raises:
        ValueError: for an unknown kind, or a name that is taken.

    Example:
        >>> from kerasgen.core import Float
        >>> @register("optimizer", arguments={"rate": Float(0, 1)})
        ... def my_descent(rate=0.1):
        ...     return keras.optimizers.SGD(rate)
        >>> create("optimizer", {"name": "my_descent", "rate": 0.5}).momentum
        0.0
    """
    one_of("register", "kind", kind, KINDS)

    def decorate(part):
        name = snake(part.__name__)
        taken = _PARTS[kind].get(name)
        if taken is not None and _origin(taken) != _origin(part):
            raise ValueError(
                message(
                    "register",
                    f"each {kind} needs its own name, and this one belongs "
                    f"to {taken.__module__}.{taken.__qualname__}",
                    {"name": name},
                )
            )
        if arguments is not None:
            part.arguments = dict(arguments)
        _PARTS[kind][name] = part
        # One package a kind: Keras silently overwrites a name that is taken.
        package = f"kerasgen.{kind}"
        return keras.saving.register_keras_serializable(package)(part)

    return decorate


def _origin(part):
    return (part.__module__, part.__qualname__)


def parts(kind):
    """Lists the registered parts of a kind.

    Args:
        kind: str, one of `KINDS`.

    Returns:
        dict of name to class or function, sorted by name.

    Raises:
        ValueError: for an unknown kind.

    Example:
        >>> "erm" in parts("method")
        True
    """
    one_of("parts", "kind", kind, KINDS)
    return dict(sorted(_PARTS[kind].items()))


def find(kind, name):
    """Finds one part by kind and name.

    Args:
        kind: str, one of `KINDS`.
        name: str, the part's name.

    Returns:
        The class or function.

    Raises:
        ValueError: for an unknown name, with the nearest known one.

    Example:
        >>> find("method", "erm").__name__
        'ERM'
    """
    known = parts(kind)
    return known[one_of(kind, "name", name, known)]


def create(kind, spec, *args, **kwargs):
    """Makes a part from its description.

    Args:
        kind: str, one of `KINDS`.
        spec: a name, a mapping of `name` and arguments, or a ready object,
            which is returned as it is.
        *args: positional arguments handed to the part.
        **kwargs: keyword arguments handed to the part, below those of `spec`.

    Returns:
        What the class or function gives.

    Raises:
        ValueError: for an unknown name.
        TypeError: for a mapping without a name, or an argument that the part
            doesn't take.

    Example:
        >>> create("step", {"name": "sam", "rho": 0.1}).rho
        0.1
    """
    if isinstance(spec, str):
        spec = {"name": spec}
    if not isinstance(spec, Mapping):
        return spec
    if "name" not in spec:
        raise TypeError(
            message(
                kind, "a description must have a `name`", {kind: dict(spec)}
            )
        )
    part = find(kind, spec["name"])
    given = {key: value for key, value in spec.items() if key != "name"}
    known = getattr(part, "arguments", None)
    if known is not None:
        known = [*known, *_COMMON.get(kind, ())]
        for key in given:
            one_of(f"{kind} {spec['name']!r}", "argument", key, known)
    return part(*args, **{**kwargs, **given})


def table(part):
    """Gives the declared arguments of a part.

    Args:
        part: a registered class or function.

    Returns:
        dict of argument name to range.

    Example:
        >>> sorted(table(find("step", "sam")))
        ['rho']
    """
    return dict(getattr(part, "arguments", {}))
