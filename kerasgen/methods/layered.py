"""Adam with a rate for each layer: the deeper below the head, the smaller."""

import keras

from kerasgen.core import Float, Int, check_arguments, register

_TABLE = {
    "learning_rate": Float(0.0, search=(3e-4, 1e-2), log=True),
    "decay": Float(0.0, 1.0, search=(0.2, 1.0)),
    "groups": Int(1),
    "clipnorm": Float(0.0),
}


@register("optimizer", arguments=_TABLE)
def layered_adam(learning_rate=1e-3, decay=0.4, groups=None, clipnorm=None):
    """Makes Adam whose rate falls from layer to layer below the head.

    Args:
        learning_rate: float >= 0, the step size of the head, and of what
            isn't part of the model, such as a judge.
        decay: float in [0, 1], what a layer's rate is multiplied with to give
            that of the layer below; 1 is Adam.
        groups: int >= 1, how many groups the layers below the head are
            dealt to, in order, whose rates differ; None gives each layer a
            rate of its own, which of a deep network leaves nothing to the
            lowest.
        clipnorm: float > 0, the greatest norm of each gradient, or None.

    Returns:
        LayeredAdam.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Howard & Ruder, "Universal Language Model Fine-tuning for Text
        Classification", 2018, arXiv:1801.06146, section 3.2, where the decay
        is 1 / 2.6.

    Example:
        >>> layered_adam(decay=0.5).decay
        0.5
    """
    given = {"learning_rate": learning_rate, "decay": decay}
    given.update(groups=groups, clipnorm=clipnorm)
    check_arguments("layered_adam", _TABLE, given)
    return LayeredAdam(**given)


@keras.saving.register_keras_serializable("kerasgen.optimizer")
class LayeredAdam(keras.optimizers.Adam):
    """Adam whose rate falls from layer to layer below the head.

    Layers are those with weights, in the order of the model.

    Args:
        learning_rate: float, or a schedule of Keras.
        decay: float in [0, 1], from a layer to the one below, or from a group
            of layers.
        groups: int >= 1, the number of groups below the head, or None.
        **kwargs: further arguments of `keras.optimizers.Adam`.

    Example:
        >>> LayeredAdam(0.01, decay=0.3).get_config()["decay"]
        0.3
    """

    def __init__(self, learning_rate=1e-3, decay=0.4, groups=None, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.decay = decay
        self.groups = groups

    def build(self, variables):
        """Makes the optimizer's variables, and finds each one's layer."""
        if not self.built:
            layers = [v.path.rpartition("/")[0] for v in variables]
            self.factors = factors(layers, self.decay, self.groups)
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate):
        """Moves a variable by its layer's rate."""
        factor = self.factors[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * factor)

    def get_config(self):
        """Gives the optimizer's arguments."""
        own = {"decay": self.decay, "groups": self.groups}
        return {**super().get_config(), **own}


def factors(layers, decay, groups=None):
    """Gives what the rate is multiplied with for each variable.

    Args:
        layers: list of str, the layer of each variable, in the order of the
            model, with what isn't part of the model after its `head`.
        decay: float in [0, 1].
        groups: int >= 1, how many groups of about as many layers share a
            factor, below the head; None makes each layer one.

    Returns:
        list of float.

    Example:
        >>> factors(["stem", "stem", "body", "head", "judge/dense"], 0.5)
        [0.25, 0.25, 0.5, 1.0, 1.0]
        >>> factors(["a", "b", "c", "d", "head"], 0.5, groups=2)
        [0.25, 0.25, 0.5, 0.5, 1.0]
    """
    order = list(dict.fromkeys(layers))
    heads = [i for i, name in enumerate(order) if "head" in name.split("/")]
    top = heads[0] if heads else len(order) - 1
    below = {name: max(0, top - i) for i, name in enumerate(order)}
    if groups is not None and top:
        # From the head down: equal shares of the layers, the first one full.
        below = {n: -(-d * groups // top) for n, d in below.items()}
    return [decay ** below[name] for name in layers]
