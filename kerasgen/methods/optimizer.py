"""Keras's optimizers with the ranges that a search needs."""

import keras

from kerasgen.core import Float, check_arguments, register

_RATE = Float(0.0, search=(3e-4, 1e-2), log=True)
_DECAY = Float(0.0, 1.0, search=(1e-4, 1e-1), log=True)
_CLIP = Float(0.0)


def _check(where, table, **values):
    return check_arguments(where, table, values)


_ADAM = {"learning_rate": _RATE, "clipnorm": _CLIP}


@register("optimizer", arguments=_ADAM)
def adam(learning_rate=1e-3, clipnorm=None):
    """Makes Adam.

    Args:
        learning_rate: float >= 0, the step size.
        clipnorm: float > 0, the greatest norm of each gradient, or None.

    Returns:
        keras.optimizers.Adam.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Kingma & Ba, 2015, arXiv:1412.6980.

    Example:
        >>> round(float(adam(0.01).learning_rate), 4)
        0.01
    """
    _check("adam", _ADAM, learning_rate=learning_rate, clipnorm=clipnorm)
    return keras.optimizers.Adam(learning_rate, clipnorm=clipnorm)


_ADAMW = {**_ADAM, "weight_decay": _DECAY}


@register("optimizer", arguments=_ADAMW)
def adamw(learning_rate=1e-3, weight_decay=1e-2, clipnorm=None):
    """Makes AdamW.

    Args:
        learning_rate: float >= 0, the step size.
        weight_decay: float in [0, 1], the share of a weight that each step of
            size one takes away.
        clipnorm: float > 0, the greatest norm of each gradient, or None.

    Returns:
        keras.optimizers.AdamW.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Loshchilov & Hutter, 2019, arXiv:1711.05101.

    Example:
        >>> adamw(weight_decay=0.1).weight_decay
        0.1
    """
    values = {"learning_rate": learning_rate, "clipnorm": clipnorm}
    _check("adamw", _ADAMW, **values, weight_decay=weight_decay)
    return keras.optimizers.AdamW(
        learning_rate, weight_decay=weight_decay, clipnorm=clipnorm
    )


_SGD = {
    "learning_rate": Float(0.0, search=(1e-3, 1e-1), log=True),
    "momentum": Float(0.0, 1.0, search=(0.8, 0.95)),
    "weight_decay": Float(0.0, 1.0, search=(1e-5, 1e-2), log=True),
    "clipnorm": _CLIP,
}


@register("optimizer", arguments=_SGD)
def sgd(learning_rate=0.01, momentum=0.9, weight_decay=None, clipnorm=None):
    """Makes stochastic gradient descent with Nesterov's momentum.

    Args:
        learning_rate: float >= 0, the step size.
        momentum: float in [0, 1].
        weight_decay: float in [0, 1], or None.
        clipnorm: float > 0, the greatest norm of each gradient, or None.

    Returns:
        keras.optimizers.SGD.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Sutskever et al., "On the importance of initialization and momentum in
        deep learning", 2013.

    Example:
        >>> sgd(momentum=0.8).momentum
        0.8
    """
    values = {
        "learning_rate": learning_rate,
        "momentum": momentum,
        "weight_decay": weight_decay,
        "clipnorm": clipnorm,
    }
    _check("sgd", _SGD, **values)
    return keras.optimizers.SGD(**values, nesterov=momentum > 0)
