"""Contrast of pairs: two views of an example against all other views."""

from keras import ops


def contrast(one, two, temperature=0.5):
    """Gives each view's loss of finding its partner among all other views.

    Args:
        one: float tensor (n, d), projections of the first views.
        two: float tensor (n, d), those of the second ones.
        temperature: float > 0.

    Returns:
        float tensor (2 n,) >= 0, in nats: of the first views, then of the
        second ones.

    Source:
        Chen et al., "A Simple Framework for Contrastive Learning of Visual
        Representations", 2020, arXiv:2002.05709, equation 1 (NT-Xent).

    Example:
        >>> x = ops.eye(2)
        >>> float(contrast(x, x, 0.01)[0]) < 1e-6
        True
    """
    views = _along(ops.concatenate([one, two], axis=0))
    n = ops.shape(one)[0]
    close = ops.matmul(views, ops.transpose(views)) / temperature
    places = ops.arange(2 * n)
    own = ops.equal(places[:, None], places[None, :])
    partner = ops.equal((places[:, None] + n) % (2 * n), places[None, :])
    found = ops.sum(ops.where(partner, close, ops.zeros_like(close)), 1)
    # A view is not compared with itself.
    rest = ops.where(own, ops.full_like(close, -1e30), close)
    return ops.logsumexp(rest, 1) - found


def _along(x):
    square = ops.sum(ops.square(x), -1, keepdims=True)
    return x * ops.rsqrt(ops.maximum(square, 1e-12))
