"""Losses of embeddings: SupCon, batch-hard triplets, in-batch softmax."""

from keras import ops

from kerasgen.core import Choice, Float, register
from kerasgen.losses.base import OwnLoss

_FAR = 1e30


class EmbeddingLoss(OwnLoss):
    """A loss of places in space; a subclass writes `values`.

    Labels may be whole numbers or distributions, whose greatest counts. An
    example is compared with the others of its batch.

    Args:
        **values: the subclass's declared arguments, and `reduction`, `name`
            and `dtype`, as in Keras.
    """

    asks = "embedding"
    rows = False

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: (batch,) or (batch, 1) whole numbers, or (batch, classes).
            y_pred: float (batch, ...), embeddings.

        Returns:
            float (batch,).
        """
        if len(y_true.shape) == 2 and y_true.shape[-1] > 1:
            y_true = ops.argmax(y_true, -1)
        y_true = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        same = ops.equal(y_true[:, None], y_true[None, :])
        return self.values(same, ops.cast(y_pred, "float32"))

    def values(self, same, places):
        """Gives one value per example; a subclass writes this.

        Args:
            same: bool (batch, batch), whose labels are equal.
            places: float32 (batch, ...), embeddings.

        Returns:
            float32 (batch,).
        """
        raise NotImplementedError


@register("loss")
class SupCon(EmbeddingLoss):
    """Supervised contrast: those of the same class are near, others far.

    Args:
        temperature: float > 0, of the softmax over cosines.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Khosla et al., "Supervised Contrastive Learning", 2020,
        arXiv:2004.11362, equation 2 (the mean outside the logarithm). An
        example that is alone with its class in a batch has the loss 0.

    Example:
        >>> loss = SupCon(temperature=0.1)
        >>> places = ops.array([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])
        >>> float(loss(ops.array([0, 0, 1]), places)) < 1e-6
        True
    """

    arguments = {"temperature": Float(1e-3, search=(0.05, 1.0), log=True)}

    def __init__(self, temperature=0.1, **kwargs):
        super().__init__(temperature=temperature, **kwargs)

    def values(self, same, places):
        """Gives one value per example; see `EmbeddingLoss.values`."""
        places = _along(places)
        close = ops.matmul(places, ops.transpose(places)) / self.temperature
        own = ops.eye(ops.shape(places)[0], dtype="bool")
        whole = ops.logsumexp(ops.where(own, -_FAR, close), 1, keepdims=True)
        pairs = ops.cast(ops.logical_and(same, ~own), "float32")
        lost = ops.sum(pairs * (whole - close), 1)
        return lost / ops.maximum(ops.sum(pairs, 1), 1.0)


@register("loss")
class Triplet(EmbeddingLoss):
    """The farthest of one's class should be nearer than the nearest other.

    Args:
        margin: float >= 0, by how much; 0 takes the smooth form
            log(1 + exp(far - near)) instead of a margin.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hermans et al., "In Defense of the Triplet Loss for Person
        Re-Identification", 2017, arXiv:1703.07737, equation 5 (batch hard),
        with Euclidean distances. An example without a partner of its class,
        or without another class, in its batch has the loss 0.

    Example:
        >>> loss = Triplet(margin=1.0)
        >>> places = ops.array([[0.0], [0.5], [2.0]])
        >>> found = loss.call(ops.array([0, 0, 1]), places)
        >>> [round(float(value), 3) for value in found]
        [0.0, 0.0, 0.0]
    """

    arguments = {"margin": Float(0.0, search=(0.1, 1.0))}

    def __init__(self, margin=0.2, **kwargs):
        super().__init__(margin=margin, **kwargs)

    def values(self, same, places):
        """Gives one value per example; see `EmbeddingLoss.values`."""
        gaps = ops.sum(ops.square(places[:, None] - places[None, :]), -1)
        # The slope of a root at zero is infinite.
        gaps = ops.sqrt(ops.maximum(gaps, 1e-12))
        own = ops.eye(ops.shape(places)[0], dtype="bool")
        pairs = ops.logical_and(same, ~own)
        known = ops.logical_and(ops.any(pairs, 1), ops.any(~same, 1))
        far = ops.max(ops.where(pairs, gaps, 0.0), 1)
        near = ops.min(ops.where(same, _FAR, gaps), 1)
        gap = far - ops.where(known, near, 0.0)
        lost = ops.relu(gap + self.margin) if self.margin else ops.softplus(gap)
        return ops.where(known, lost, 0.0)


@register("loss")
class InfoNCE(EmbeddingLoss):
    """In-batch softmax: each example finds its partner among the others'.

    Of two towers or two views: what the first gives for an example should be
    nearer to what the second gives for it than for any other of the batch.

    Args:
        temperature: float > 0, of the softmax over cosines.
        both: bool, whether the second must find the first, too; the loss is
            then the mean of both ways.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Call:
        y_true: (batch,) whole numbers that tell who an example is: others of
            the same number are left out of the comparison, for a batch may
            have one twice.
        y_pred: float (batch, 2, d), the two embeddings of each example.

    Raises:
        ValueError: for an argument out of range.

    Source:
        van den Oord et al., "Representation Learning with Contrastive
        Predictive Coding", 2018, arXiv:1807.03748, equation 4; both ways as
        Radford et al., 2021, arXiv:2103.00020, figure 3.

    Example:
        >>> pairs = ops.stack([ops.eye(3), ops.eye(3)], 1)
        >>> float(InfoNCE(temperature=0.05)(ops.arange(3), pairs)) < 1e-6
        True
    """

    asks = "pair"
    arguments = {
        "temperature": Float(1e-3, search=(0.02, 1.0), log=True),
        "both": Choice((True, False)),
    }

    def __init__(self, temperature=0.07, both=True, **kwargs):
        super().__init__(temperature=temperature, both=both, **kwargs)

    def values(self, same, places):
        """Gives one value per example; see `EmbeddingLoss.values`."""
        one, two = _along(places[:, 0]), _along(places[:, 1])
        close = ops.matmul(one, ops.transpose(two)) / self.temperature
        own = ops.eye(ops.shape(one)[0], dtype="bool")
        close = ops.where(ops.logical_and(same, ~own), -_FAR, close)
        found = ops.diagonal(close)
        lost = ops.logsumexp(close, 1) - found
        if self.both:
            lost = 0.5 * (lost + ops.logsumexp(close, 0) - found)
        return lost


def _along(x):
    square = ops.sum(ops.square(x), -1, keepdims=True)
    return x * ops.rsqrt(ops.maximum(square, 1e-12))
