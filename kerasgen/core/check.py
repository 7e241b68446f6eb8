"""Checks of arguments, and the one wording of errors.

A message has three beats: what and where, what was expected, what came; then,
where it is known, the way to mend it.
"""

import difflib
import importlib
import importlib.util

DISTRIBUTION = "kerasgen-toolkit"


def message(where, expected, received=None, remedy=None):
    """Words an error.

    Args:
        where: str, the class, function or file that complains.
        expected: str, a full clause: what must hold.
        received: mapping of argument name to the value that came, or None.
        remedy: str, how to mend it, or None.

    Returns:
        str.

    Example:
        >>> message("DropBlock", "`rate` must lie in [0, 1]", {"rate": 1.5})
        'DropBlock: `rate` must lie in [0, 1]. Received: rate=1.5'
    """
    text = f"{where}: {expected}."
    if received:
        pairs = ", ".join(
            f"{name}={value!r}" for name, value in received.items()
        )
        text += f" Received: {pairs}"
    if remedy:
        text += (". " if received else " ") + remedy
    return text


def nearest(name, options):
    """Finds the option that a mistyped name most likely meant.

    Args:
        name: str, what was typed.
        options: iterable of str, what is known.

    Returns:
        str, or None where nothing is near.

    Example:
        >>> nearest("acuracy", ["loss", "accuracy"])
        'accuracy'
    """
    options = [str(option) for option in options]
    lowered = {option.lower(): option for option in reversed(options)}
    found = difflib.get_close_matches(str(name).lower(), list(lowered), 1, 0.6)
    if found:
        return lowered[found[0]]
    inside = [
        option for option in options if str(name).lower() in option.lower()
    ]
    return inside[0] if inside and str(name) else None


def one_of(where, name, value, options):
    """Checks that a value is one of the known ones.

    Args:
        where: str, who complains.
        name: str, the argument's name.
        value: the value that came.
        options: iterable of the allowed values.

    Returns:
        The value.

    Raises:
        ValueError: names the allowed values and the nearest one.

    Example:
        >>> one_of("factory", "size", "tiny", ["tiny", "small"])
        'tiny'
    """
    options = list(options)
    if value in options:
        return value
    near = nearest(value, options)
    shown = ", ".join(map(repr, options))
    raise ValueError(
        message(
            where,
            f"`{name}` must be one of {shown or 'nothing'}",
            {name: value},
            f"Did you mean {near!r}?" if near else None,
        )
    )


def instance(where, name, value, types):
    """Checks that a value is of a type.

    Args:
        where: str, who complains.
        name: str, the argument's name.
        value: the value that came.
        types: a type, or a tuple of types.

    Returns:
        The value.

    Raises:
        TypeError: names the expected types and the one that came.

    Example:
        >>> instance("load", "seed", 3, int)
        3
    """
    if isinstance(value, types) and not (
        isinstance(value, bool) and types is int
    ):
        return value
    types = types if isinstance(types, tuple) else (types,)
    names = " or ".join(each.__name__ for each in types)
    raise TypeError(
        message(
            where,
            f"`{name}` must be of type {names}",
            {name: value, "type": type(value).__name__},
        )
    )


def need(package, extra):
    """Imports an optional package.

    Args:
        package: str, the import name.
        extra: str, the extra of this distribution that brings it.

    Returns:
        The imported module.

    Raises:
        ImportError: with the line that installs the extra.

    Example:
        >>> need("json", "all").__name__
        'json'
    """
    if importlib.util.find_spec(package.split(".")[0]) is None:
        raise ImportError(
            message(
                f"Package {package!r}",
                "it must be installed for this feature",
                None,
                f'Run: pip install "{DISTRIBUTION}[{extra}]"',
            )
        )
    return importlib.import_module(package)
