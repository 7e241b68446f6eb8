"""Step: how a gradient becomes a move; goes under any method."""

import keras
import tensorflow as tf

from kerasgen.core import (
    Float,
    check_arguments,
    register,
    value_and_gradients,
)


class Step:
    """What every step answers.

    Attributes:
        arguments: mapping of argument name to its range.
    """

    arguments = {}

    def __init__(self, **values):
        values = check_arguments(type(self).__name__, self.arguments, values)
        for name, value in values.items():
            setattr(self, name, value)

    def build(self, groups):
        """Makes what the step must remember; most remember nothing.

        Args:
            groups: list of lists of keras.Variable, those that each move of
                a training step is about.

        Returns:
            list of keras layers that hold the memory, one for each move.
        """
        return []

    def at(self, move, memory):
        """Gives the step that makes a certain move of a training step.

        Args:
            move: int, the move's place among `Method.phases`.
            memory: list of keras layers, what `build` gave.

        Returns:
            Step; itself where nothing is remembered.
        """
        return self

    def gradients(self, objective, variables, state, scale=None):
        """Evaluates an objective and gives the gradients to descend along.

        Args:
            objective: callable without arguments to a dict of scalar terms
                and the model's outputs.
            variables: list of keras.Variable that move.
            state: list of keras.Variable that the forward pass updates
                (moving statistics), which must move only once.
            scale: callable from scalar to scalar of a loss-scaling
                optimizer, or None.

        Returns:
            Terms, outputs, and a list of gradients.
        """
        raise NotImplementedError

    def get_config(self):
        """Gives the declared arguments."""
        return {name: getattr(self, name) for name in self.arguments}

    @classmethod
    def from_config(cls, config):
        """Makes the step from its arguments."""
        return cls(**config)


@register("step")
class Descent(Step):
    """Plain descent: the gradient itself.

    Source:
        Robbins & Monro, "A Stochastic Approximation Method", 1951.

    Example:
        >>> Descent().get_config()
        {}
    """

    def gradients(self, objective, variables, state, scale=None):
        """Evaluates the objective once; see `Step.gradients`."""
        return value_and_gradients(objective, variables, scale)


class Sharpness(Step):
    """Descends along the gradient taken where the loss is worst nearby."""

    def shifts(self, gradients, variables):
        """Gives where the loss is worst; a subclass writes this."""
        raise NotImplementedError

    def _mixed(self, gradients, sharp):
        """Makes the move of the gradients here and at the worst place."""
        return sharp

    def gradients(self, objective, variables, state, scale=None):
        """Evaluates the objective twice; see `Step.gradients`."""
        terms, outputs, gradients = value_and_gradients(
            objective, variables, scale
        )
        gradients = whole(gradients, variables)
        sharp = self._nearby(objective, variables, state, scale, gradients)
        return terms, outputs, self._mixed(gradients, whole(sharp, variables))

    def _nearby(self, objective, variables, state, scale, gradients):
        """Gives the gradients at the worst place, and comes back."""
        shifts = self.shifts(gradients, variables)
        before = [tf.identity(variable.value) for variable in state]
        places = [tf.identity(variable.value) for variable in variables]
        for variable, shift in zip(variables, shifts, strict=True):
            variable.assign_add(shift)
        _, _, sharp = value_and_gradients(objective, variables, scale)
        # Assigned, not subtracted: adding and taking away leaves a rounding.
        for variable, place in zip(variables, places, strict=True):
            variable.assign(place)
        for variable, value in zip(state, before, strict=True):
            variable.assign(value)
        return sharp


def whole(gradients, variables):
    """Fills in zeros where a variable has no gradient.

    Args:
        gradients: list of tensors and None.
        variables: list of keras.Variable.

    Returns:
        list of tensors.

    Example:
        >>> import keras
        >>> [g.shape for g in whole([None], [keras.Variable([1.0, 2.0])])]
        [TensorShape([2])]
    """
    return [
        tf.zeros_like(variable.value)
        if gradient is None
        else tf.convert_to_tensor(gradient)
        for gradient, variable in zip(gradients, variables, strict=True)
    ]


@register("step")
class SAM(Sharpness):
    """Sharpness-aware minimization: flat minima generalise better.

    Args:
        rho: float >= 0, the radius of the neighbourhood in weight space;
            0 is plain descent.

    Raises:
        ValueError: for a negative radius.

    Source:
        Foret et al., "Sharpness-Aware Minimization for Efficiently Improving
        Generalization", 2021, arXiv:2010.01412, equations 2 and 3. Moving
        statistics are updated by the first pass alone.

    Example:
        >>> SAM(rho=0.1).get_config()
        {'rho': 0.1}
    """

    arguments = {"rho": Float(0.0, search=(0.01, 0.3), log=True)}

    def __init__(self, rho=0.05):
        super().__init__(rho=rho)

    def shifts(self, gradients, variables):
        """Gives one length along the whole gradient; see the base."""
        norm = tf.linalg.global_norm(gradients)
        return [g * (self.rho / (norm + 1e-12)) for g in gradients]


@register("step")
class ASAM(Sharpness):
    """Adaptive sharpness-aware minimization: a radius that scales with weights.

    Args:
        rho: float >= 0, the radius in units of the weights' own size.
        eta: float >= 0, added to that size, so that zeros can move.

    Raises:
        ValueError: for a negative argument.

    Source:
        Kwon et al., "ASAM: Adaptive Sharpness-Aware Minimization for
        Scale-Invariant Learning of Deep Neural Networks", 2021,
        arXiv:2102.11600, equation 4; all variables are normalised here, the
        authors' code leaves biases out.

    Example:
        >>> ASAM().get_config()
        {'rho': 0.5, 'eta': 0.01}
    """

    arguments = {
        "rho": Float(0.0, search=(0.1, 2.0), log=True),
        "eta": Float(0.0),
    }

    def __init__(self, rho=0.5, eta=0.01):
        super().__init__(rho=rho, eta=eta)

    def shifts(self, gradients, variables):
        """Gives lengths that scale with the weights; see the base."""
        sizes = [tf.abs(variable.value) + self.eta for variable in variables]
        scaled = [g * size for g, size in zip(gradients, sizes, strict=True)]
        factor = self.rho / (tf.linalg.global_norm(scaled) + 1e-12)
        return [
            g * size * factor for g, size in zip(scaled, sizes, strict=True)
        ]


def move_if(finite, optimizer, gradients, variables):
    """Applies gradients unless the loss is not finite.

    Such a loss moves nothing, so that the layer where it began can be found.

    Args:
        finite: bool scalar tensor.
        optimizer: keras optimizer, built.
        gradients: list of tensors and None.
        variables: list of keras.Variable.

    Example:
        >>> import keras
        >>> v = keras.Variable([1.0])
        >>> optimizer = keras.optimizers.SGD(0.5)
        >>> optimizer.build([v])
        >>> move_if(tf.constant(False), optimizer, [tf.constant([1.0])], [v])
        >>> move_if(tf.constant(True), optimizer, [tf.constant([1.0])], [v])
        >>> float(v[0])
        0.5
    """
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        # It looks for itself.
        optimizer.apply(gradients, variables)
        return
    if not tf.distribute.has_strategy():
        # Cheaper than a mask, which replicas need: they must not part ways.
        tf.cond(
            finite,
            lambda: _done(optimizer.apply(gradients, variables)),
            lambda: False,
        )
        return
    held = [
        None
        if gradient is None
        else tf.where(finite, gradient, tf.zeros_like(gradient))
        for gradient in gradients
    ]
    optimizer.apply(held, variables)


def _done(_):
    return True
