"""LookSAM (Liu et al., 2022): SAM whose second gradient is used for a while."""

import keras
import tensorflow as tf

from kerasgen.core import Float, Int, register, value_and_gradients
from kerasgen.methods.step import SAM, whole
from kerasgen.methods.step_gsam import inner


@register("step")
class LookSAM(SAM):
    """SAM at every `every`-th step, and what it found at those between.

    What of SAM's gradient is orthogonal to the plain one changes slowly. It
    is remembered and added to the plain gradient, in proportion to its
    length, so that most steps cost one evaluation; under a strategy of
    several replicas each still costs two. The memory is part of the method:
    it is saved, loaded and resumed with it, and each move of a method of
    several has its own.

    Args:
        rho: float >= 0, the radius of the neighbourhood in weight space.
        every: int >= 1, the steps from one second evaluation to the next; 1
            is SAM.
        alpha: float >= 0, how much of the remembered direction is added.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Liu et al., "Towards Efficient and Scalable Sharpness-Aware
        Minimization", 2022, arXiv:2203.02714, algorithm 1, without their
        layer-wise scaling for large batches.

    Example:
        >>> LookSAM(every=10).get_config()
        {'rho': 0.05, 'every': 10, 'alpha': 0.7}
    """

    arguments = {
        **SAM.arguments,
        "every": Int(1, search=(2, 10)),
        "alpha": Float(0.0, search=(0.1, 1.0)),
    }

    def __init__(self, rho=0.05, every=5, alpha=0.7):
        super(SAM, self).__init__(rho=rho, every=every, alpha=alpha)

    def build(self, groups):
        """Makes a memory for each move; see `Step.build`."""
        return [_Directions(variables) for variables in groups]

    def at(self, move, memory):
        """Gives the step with the memory of one move; see `Step.at`."""
        return _Move(self, memory[move])

    def gradients(self, objective, variables, state, scale=None):
        """Evaluates an objective as at a first step; see `Step.gradients`."""
        first = _Move(self, _Directions(variables))
        return first.gradients(objective, variables, state, scale)


class _Move:
    """LookSAM for the variables of one move, with its memory."""

    def __init__(self, step, memory):
        self.step = step
        self.memory = memory

    def gradients(self, objective, variables, state, scale=None):
        terms, outputs, plain = value_and_gradients(objective, variables, scale)
        plain = whole(plain, variables)
        memory = self.memory
        fresh = tf.equal(memory.count.value % self.step.every, 0)

        def look():
            sharp = self.step._nearby(objective, variables, state, scale, plain)
            sharp = whole(sharp, variables)
            share = inner(sharp, plain) / tf.maximum(inner(plain, plain), 1e-24)
            sides = [
                s - tf.cast(share, s.dtype) * g
                for s, g in zip(sharp, plain, strict=True)
            ]
            fine = tf.math.is_finite(tf.linalg.global_norm(sides))
            kept = [
                tf.where(fine, tf.cast(side, "float32"), 0.0) for side in sides
            ]
            return sharp, kept

        def reuse():
            sides = [tf.convert_to_tensor(side.value) for side in memory.sides]
            length = tf.linalg.global_norm(sides)
            size = tf.linalg.global_norm([tf.cast(g, "float32") for g in plain])
            factor = self.step.alpha * size / tf.maximum(length, 1e-12)
            factor = tf.where(length > 0.0, factor, 0.0)
            moved = [
                g + tf.cast(factor * side, g.dtype)
                for g, side in zip(plain, sides, strict=True)
            ]
            return moved, sides

        if tf.distribute.has_strategy():
            # Replicas can't meet inside a branch.
            moved, sides = tf.nest.map_structure(
                lambda one, two: tf.where(fresh, one, two), look(), reuse()
            )
        else:
            moved, sides = tf.cond(fresh, look, reuse)
        for variable, side in zip(memory.sides, sides, strict=True):
            variable.assign(side)
        memory.count.assign_add(1)
        return terms, outputs, moved


@keras.saving.register_keras_serializable("kerasgen.step")
class _Directions(keras.layers.Layer):
    """The steps taken, and a direction for each variable."""

    def __init__(self, variables):
        super().__init__(trainable=False, dtype="float32", name="directions")
        self.count = self.add_weight(
            shape=(),
            initializer="zeros",
            dtype="int32",
            trainable=False,
            aggregation="only_first_replica",
            name="count",
        )
        self.sides = [
            self.add_weight(
                shape=variable.shape,
                initializer="zeros",
                trainable=False,
                aggregation="mean",
                name=f"side_{index}",
            )
            for index, variable in enumerate(variables)
        ]
        self.built = True
