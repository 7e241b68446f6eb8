"""PCGrad (Yu et al., 2020): gradients that conflict are projected."""

from keras import ops

from kerasgen.core import register, term_gradients
from kerasgen.methods.step import Step, whole
from kerasgen.methods.step_gsam import inner


@register("step")
class PCGrad(Step):
    """Takes from each term's gradient what points against another term's.

    Terms are those of the method: under `joint` each task is one; under a
    method of domains the task's loss and the domains'. Where there is one
    term alone, this is plain descent.

    Source:
        Yu et al., "Gradient Surgery for Multi-Task Learning", 2020,
        arXiv:2001.06782, algorithm 1; each is projected on the others in the
        order of their names' places, not in a random one.

    Example:
        >>> PCGrad().get_config()
        {}
    """

    def gradients(self, objective, variables, state, scale=None):
        """Evaluates once, differentiates each term; see `Step.gradients`."""
        terms, outputs, each = term_gradients(objective, variables, scale)
        each = [whole(gradients, variables) for gradients in each]
        if len(each) == 1:
            return terms, outputs, each[0]
        places = range(len(each))
        products = [[inner(each[i], each[j]) for j in places] for i in places]
        total = [0.0] * len(each)
        for place in places:
            for other, share in enumerate(_projected(place, products)):
                total[other] = total[other] + share
        moves = [
            sum(
                factor * ops.cast(gradient, "float32")
                for factor, gradient in zip(total, parts, strict=True)
            )
            for parts in zip(*each, strict=True)
        ]
        moves = [
            ops.cast(move, first.dtype)
            for move, first in zip(moves, each[0], strict=True)
        ]
        return terms, outputs, moves


def _projected(place, products):
    """How much of each gradient is in one that has been projected.

    All of it happens in the plane of the gradients, so that their products
    tell all that is needed.
    """
    count = len(products)
    shares = [1.0 if other == place else 0.0 for other in range(count)]
    for other in range(count):
        if other == place:
            continue
        along = sum(shares[k] * products[k][other] for k in range(count))
        size = ops.maximum(products[other][other], 1e-24)
        shares[other] = shares[other] - ops.minimum(along, 0.0) / size
    return shares
