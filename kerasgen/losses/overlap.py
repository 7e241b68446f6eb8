"""Losses of masks by what truth and answer have in common."""

import keras
from keras import ops

from kerasgen.core import Float, Int, message, register
from kerasgen.losses.label_loss import LabelLoss, distributions, is_distribution

VOID = 255
_IGNORE = {"ignore": Int(0)}


def known_masks(y, logits, ignore=VOID):
    """Writes masks as distributions, and says where they are known.

    Args:
        y: whole numbers (batch, ...), or distributions (batch, ..., classes)
            whose rows of zeros are unknown.
        logits: float tensor (batch, ..., classes).
        ignore: int, the label of pixels that nobody has labelled.

    Returns:
        float32 tensors (batch, ..., classes), zero where unknown, and
        (batch, ...), 1 where known and 0 elsewhere.

    Example:
        >>> target, known = known_masks(ops.array([1, 255]), ops.zeros((2, 2)))
        >>> ops.convert_to_numpy(target).tolist(), [float(k) for k in known]
        ([[0.0, 1.0], [0.0, 0.0]], [1.0, 0.0])
    """
    if is_distribution(y, logits):
        target = ops.cast(y, "float32")
        return target, ops.cast(ops.sum(target, -1) > 0, "float32")
    places = ops.reshape(ops.cast(y, "int32"), ops.shape(logits)[:-1])
    known = ops.not_equal(places, ignore)
    target = distributions(ops.where(known, places, 0), logits)
    known = ops.cast(known, "float32")
    return target * known[..., None], known


class MaskLoss(LabelLoss):
    """A loss on logits of masks that has one number for each image.

    A subclass writes `images`. Pixels with the label `ignore` don't count.
    """

    def call(self, y_true, y_pred):
        """Gives one value per image.

        Args:
            y_true: whole numbers (batch, ...), or distributions.
            y_pred: float (batch, ..., classes), logits.

        Returns:
            float32 (batch,).
        """
        logits = ops.cast(y_pred, "float32")
        target, known = known_masks(y_true, logits, self.ignore)
        return self.images(target, ops.softmax(logits, -1), known)

    def images(self, target, found, known):
        """Gives one value per image; a subclass writes this.

        Args:
            target: float32 (batch, ..., classes), zero where unknown.
            found: float32 (batch, ..., classes), probabilities.
            known: float32 (batch, ...).

        Returns:
            float32 (batch,).
        """
        raise NotImplementedError


def _flat(tensor):
    """(batch, ..., classes) as (batch, pixels, classes)."""
    return ops.reshape(tensor, (ops.shape(tensor)[0], -1, tensor.shape[-1]))


@register("loss")
class Tversky(MaskLoss):
    """One minus the overlap of truth and answer, errors weighted by kind.

    Of each image the mean over the classes of
    `1 - (both + smooth) / (both + alpha * extra + beta * missed + smooth)`.

    Args:
        alpha: float >= 0, what a pixel counts that is answered but isn't so.
        beta: float >= 0, what one counts that is missed.
        smooth: float >= 0, pixels by which a class that isn't there is
            neither 0 / 0 nor wholly wrong for one pixel.
        ignore: int, the label of pixels that don't count.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Salehi et al., "Tversky loss function for image segmentation using 3D
        fully convolutional deep networks", 2017, arXiv:1706.05721, equation
        2, for each class.

    Example:
        >>> y, logits = ops.array([[0, 1]]), ops.array([[[9.0, 0], [0, 9.0]]])
        >>> round(float(Tversky()(y, logits)), 3)
        0.0
    """

    arguments = {
        "alpha": Float(0.0, search=(0.1, 0.9)),
        "beta": Float(0.0, search=(0.1, 0.9)),
        "smooth": Float(0.0),
        **_IGNORE,
    }

    def __init__(self, alpha=0.3, beta=0.7, smooth=1.0, ignore=VOID, **kwargs):
        super().__init__(
            alpha=alpha, beta=beta, smooth=smooth, ignore=ignore, **kwargs
        )

    def images(self, target, found, known):
        """Gives one value per image; see `MaskLoss.images`."""
        return _missed(target, found, known, self.alpha, self.beta, self.smooth)


def _missed(target, found, known, alpha, beta, smooth):
    target, found = _flat(target), _flat(found * known[..., None])
    both = ops.sum(target * found, 1)
    extra, missed = ops.sum(found, 1) - both, ops.sum(target, 1) - both
    least = keras.config.epsilon()
    whole = both + alpha * extra + beta * missed + smooth
    return ops.mean(1.0 - (both + smooth + least) / (whole + least), -1)


@register("loss")
class Dice(MaskLoss):
    """One minus the Dice coefficient of probabilities, mean over classes.

    Args:
        smooth: float >= 0, pixels by which a class that isn't there is
            neither 0 / 0 nor wholly wrong for one pixel.
        ignore: int, the label of pixels that don't count.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Milletari et al., "V-Net: Fully Convolutional Neural Networks for
        Volumetric Medical Image Segmentation", 2016, arXiv:1606.04797; with
        plain sums in the denominator in place of squares, as in Drozdzal et
        al., 2016, arXiv:1608.04117.

    Example:
        >>> loss = Dice(smooth=0.0)
        >>> y, logits = ops.array([[0, 1]]), ops.zeros((1, 2, 2))
        >>> round(float(loss(y, logits)), 3)
        0.5
    """

    arguments = {"smooth": Float(0.0), **_IGNORE}

    def __init__(self, smooth=1.0, ignore=VOID, **kwargs):
        super().__init__(smooth=smooth, ignore=ignore, **kwargs)

    def images(self, target, found, known):
        """Gives one value per image; see `MaskLoss.images`."""
        # Dice is Tversky's index with half a pixel for each error.
        return _missed(target, found, known, 0.5, 0.5, self.smooth / 2.0)


@register("loss")
class Lovasz(MaskLoss):
    """Lovasz's extension of one minus the intersection over union.

    Of each image the mean over the classes that are in it.

    Args:
        ignore: int, the label of pixels that don't count.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Berman et al., "The Lovasz-Softmax loss: A tractable surrogate for the
        optimization of the intersection-over-union measure in neural
        networks", 2018, arXiv:1705.08790, equations 8 to 11, image by image.

    Example:
        >>> y, logits = ops.array([[0, 1]]), ops.zeros((1, 2, 2))
        >>> float(Lovasz()(y, logits))
        0.5
    """

    arguments = dict(_IGNORE)

    def __init__(self, ignore=VOID, **kwargs):
        super().__init__(ignore=ignore, **kwargs)

    def images(self, target, found, known):
        """Gives one value per image; see `MaskLoss.images`."""
        # A pixel without error adds nothing, wherever it is sorted to.
        errors = _flat(ops.abs(target - found) * known[..., None])
        target = _flat(target)
        order = ops.argsort(-errors, axis=1)
        errors = ops.take_along_axis(errors, order, axis=1)
        sorted_target = ops.take_along_axis(target, order, axis=1)
        total = ops.sum(target, 1, keepdims=True)
        both = total - ops.cumsum(sorted_target, 1)
        either = total + ops.cumsum(1.0 - sorted_target, 1)
        jaccard = 1.0 - both / ops.maximum(either, keras.config.epsilon())
        first = ops.zeros_like(jaccard[:, :1])
        slope = jaccard - ops.concatenate([first, jaccard[:, :-1]], 1)
        each = ops.sum(errors * ops.stop_gradient(slope), 1)
        present = ops.cast(total[:, 0] > 0, "float32")
        count = ops.maximum(ops.sum(present, -1), 1.0)
        return ops.sum(each * present, -1) / count


@register("loss")
class Boundary(MaskLoss):
    """How far from the true boundary wrong pixels lie.

    Of each image the mean over the pixels of the sum over the classes of
    `(found - target) * distance`: the distance to the nearest pixel of the
    class minus that to the nearest of any other, as a share of the image's
    diagonal. It is 0 for the truth. A class that isn't there is a diagonal
    away, and what it fills is a diagonal deep.

    Alone it hardly moves a model that has learnt nothing: add it to `dice` or
    to `soft_cross_entropy`.

    Args:
        ignore: int, the label of pixels that don't count.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range, or more than two axes of
            pixels.

    Source:
        Kervadec et al., "Boundary loss for highly unbalanced segmentation",
        2019, arXiv:1812.07032, equations 4 and 5, with distances as shares of
        the diagonal; these are exact, by the lower envelope of Felzenszwalb &
        Huttenlocher, "Distance Transforms of Sampled Functions", 2012,
        section 2, over all pixels of a row and then of a column.

    Example:
        >>> y, logits = ops.array([[0, 0, 1]]), ops.zeros((1, 3, 2))
        >>> float(Boundary()(y, logits)) > 0
        True
    """

    arguments = dict(_IGNORE)

    def __init__(self, ignore=VOID, **kwargs):
        super().__init__(ignore=ignore, **kwargs)

    def images(self, target, found, known):
        """Gives one value per image; see `MaskLoss.images`."""
        if len(target.shape) > 4:
            raise ValueError(
                message(
                    "Boundary",
                    "masks must be of shape (batch, height, width)",
                    {"y": tuple(target.shape[:-1])},
                )
            )
        depth = signed_distances(target)
        gap = (found - target) * known[..., None] * depth
        count = ops.maximum(ops.sum(_flat(known[..., None]), (1, 2)), 1.0)
        return ops.sum(_flat(gap), (1, 2)) / count


def signed_distances(target):
    """Gives how far each pixel lies outside of each class, or inside.

    Args:
        target: float tensor (batch, classes), (batch, width, classes) or
            (batch, height, width, classes): above 0.5 is inside.

    Returns:
        float32 tensor of the same shape in [-1, 1], shares of the diagonal:
        the distance to the class's nearest pixel, or minus that to the
        nearest pixel of others.

    Example:
        >>> line = ops.array([[[1.0], [1.0], [0.0], [0.0], [0.0]]])
        >>> [round(float(d), 1) for d in signed_distances(line)[0, :, 0] * 5.1]
        [-2.0, -1.0, 1.0, 2.0, 3.0]
    """
    inside = ops.stop_gradient(target) > 0.5
    while len(inside.shape) < 4:
        inside = ops.expand_dims(inside, 1)
    height, width = (ops.cast(n, "float32") for n in ops.shape(inside)[1:3])
    far = height**2 + width**2
    both = ops.concatenate([inside, ops.logical_not(inside)], -1)
    squared = ops.where(both, 0.0, far)
    for axis in (1, 2):
        squared = _nearest(squared, axis, far)
    toward, away = ops.split(ops.sqrt(squared / far), 2, -1)
    return ops.reshape(toward - away, ops.shape(target))


def _nearest(squared, axis, far):
    """The least of the squared distances by way of each pixel of a line."""
    length = ops.shape(squared)[axis]
    places = ops.cast(ops.arange(length), "float32")
    places = ops.reshape(places, (-1, 1, 1) if axis == 1 else (1, -1, 1))

    def by_way_of(place, found):
        here = ops.take(squared, ops.expand_dims(place, 0), axis=axis)
        step = places - ops.cast(place, "float32")
        return ops.minimum(found, here + step**2)

    start = ops.zeros_like(squared) + far
    return ops.fori_loop(0, length, by_way_of, start)
