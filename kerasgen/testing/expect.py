"""How a check says that it failed, and the small data it works on."""

import inspect

import numpy as np

from kerasgen.core import table


class CheckError(AssertionError):
    """A part doesn't keep a promise of its kind.

    Example:
        >>> raise CheckError("the loss must fall")
        Traceback (most recent call last):
        ...
        kerasgen.testing.expect.CheckError: the loss must fall
    """


def expect(condition, text):
    """Raises where a promise isn't kept.

    Args:
        condition: bool.
        text: str, what must hold.

    Raises:
        CheckError: where the condition is false.

    Example:
        >>> expect(True, "never shown")
    """
    if not condition:
        raise CheckError(text)


def refuses(call, name, value, where):
    """Expects that a call is refused in words that name argument and value.

    Args:
        call: callable without arguments.
        name: str, the argument.
        value: the value that must be refused.
        where: str, the part's name.

    Raises:
        CheckError: where it is accepted, or the message doesn't say why.

    Example:
        >>> from kerasgen.core import Int
        >>> refuses(lambda: Int(2).check("a", "n", 1), "n", 1, "a")
    """
    try:
        call()
    except (ValueError, TypeError) as error:
        text = str(error)
        told = name in text and repr(value) in text
        expect(
            told, f"{where}: the error must name {name} and {value!r}: {text}"
        )
        return
    raise CheckError(f"{where}: {name}={value!r} must be refused")


def model_arguments(factory):
    """Finds the shape that a factory takes, and its number of classes.

    Args:
        factory: function.

    Returns:
        tuple of positional arguments.

    Raises:
        CheckError: where it takes no row, spectrogram or image.

    Example:
        >>> from kerasgen.models import tabular_classifier
        >>> model_arguments(tabular_classifier)
        ((6,), 3)
    """
    classes = (3,) if "classes" in inspect.signature(factory).parameters else ()
    for shape in ((6,), (8, 8), (8, 8, 1)):
        try:
            factory(shape, *classes)
        except ValueError:
            continue
        return (shape, *classes)
    raise CheckError(
        f"{factory.__name__}: it must take rows, spectrograms or images"
    )


def examples(shape, classes=3, n=16, seed=0):
    """Draws examples whose class can be read from their mean.

    Args:
        shape: tuple, one example's shape.
        classes: int.
        n: int, the number of examples.
        seed: int.

    Returns:
        float32 array (n, *shape) and int64 array (n,).

    Example:
        >>> x, y = examples((6,))
        >>> x.shape, y.tolist()[:4]
        ((16, 6), [0, 1, 2, 0])
    """
    random = np.random.default_rng(seed)
    y = np.arange(n) % classes
    noise = random.normal(0.0, 0.3, (n, *shape))
    shift = (y - (classes - 1) / 2.0).reshape((n,) + (1,) * len(shape))
    return (noise + shift).astype("float32"), y.astype("int64")


def defaults(part):
    """Lists the declared arguments that have a default.

    Args:
        part: class or function.

    Returns:
        dict of argument name to its default.

    Example:
        >>> from kerasgen.methods import SAM
        >>> defaults(SAM)
        {'rho': 0.05}
    """
    target = part.__init__ if inspect.isclass(part) else part
    found = inspect.signature(target).parameters
    return {
        name: found[name].default
        for name in table(part)
        if name in found and found[name].default is not inspect.Parameter.empty
    }
