"""Mixtures of images in space: a rectangle, blobs, or a small copy."""

import math

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.mix import ALPHA, CLASSES, RATE, Mixing, beta, blend
from kerasgen.core import Float, register


class _Spatial(Mixing):
    """A mixture in which each pixel belongs to one image."""

    kind = "image"

    def mixed(self, x, other, share, seed):
        """Puts the other image where the first isn't seen."""
        seen = self.seen(tf.shape(x), share, seed)
        seen |= (share >= 1.0)[:, None, None]
        kept = tf.reduce_mean(tf.cast(seen, tf.float32), (1, 2))
        return tf.where(seen[..., None], x, other), kept, seen

    def seen(self, shape, share, seed):
        """Draws where the first image is seen; a subclass writes this."""
        raise NotImplementedError


@register("augment")
class CutMix(_Spatial):
    """Pastes a rectangle of another image.

    Args:
        alpha: float >= 0, both parameters of the Beta distribution of the
            share of the area that stays; 0 mixes nothing.
        classes: int, the number of classes, which turns whole-number labels
            into distributions; None takes the data's.
        rate: float in [0, 1], the probability of an image to be mixed.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Yun et al., "CutMix", 2019, arXiv:1905.04899, equations 1 and 2; one
        rectangle for each pair, and labels by the area that it really covers.

    Example:
        >>> fields = {"x": tf.zeros((2, 8, 8, 3)), "y": tf.constant([0, 1])}
        >>> CutMix(classes=2)(fields, [0, 0])["y"].shape
        TensorShape([2, 2])
    """

    arguments = {"alpha": ALPHA, "classes": CLASSES, "rate": RATE}

    def __init__(self, alpha=1.0, classes=None, rate=1.0):
        super().__init__(alpha=alpha, classes=classes, rate=rate)

    def seen(self, shape, share, seed):
        """Draws a rectangle about any centre, cut off at the border."""
        outside = []
        for axis, salt in ((1, 4), (2, 5)):
            side = tf.cast(shape[axis], tf.float32)
            length = tf.sqrt(1.0 - share) * side
            centre = tf.floor(uniform(fold(seed, salt), shape[:1]) * side)
            low = tf.round(centre - length / 2.0)[:, None]
            high = tf.round(centre + length / 2.0)[:, None]
            place = tf.range(side)[None, :]
            outside.append((place < low) | (place >= high))
        return outside[0][:, :, None] | outside[1][:, None, :]


@register("augment")
class FMix(_Spatial):
    """Pastes blobs of another image.

    Args:
        alpha: float >= 0, both parameters of the Beta distribution of the
            share of the area that stays; 0 mixes nothing.
        decay: float >= 0, how fast frequencies die away: greater makes
            larger blobs.
        classes: int, the number of classes, which turns whole-number labels
            into distributions; None takes the data's.
        rate: float in [0, 1], the probability of an image to be mixed.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Harris et al., "FMix: Enhancing Mixed Sample Data Augmentation", 2020,
        arXiv:2002.12047, equations 3 to 6.

    Example:
        >>> fields = {"x": tf.zeros((2, 8, 8, 3)), "y": tf.constant([0, 1])}
        >>> FMix(classes=2)(fields, [0, 0])["y"].shape
        TensorShape([2, 2])
    """

    arguments = {
        "alpha": ALPHA,
        "decay": Float(0.0),
        "classes": CLASSES,
        "rate": RATE,
    }

    def __init__(self, alpha=1.0, decay=3.0, classes=None, rate=1.0):
        super().__init__(alpha=alpha, decay=decay, classes=classes, rate=rate)

    def seen(self, shape, share, seed):
        """Draws noise of low frequency; its greatest values stay."""
        n, height, width = shape[0], shape[1], shape[2]
        tall, wide = (tf.cast(side, tf.float32) for side in (height, width))
        down = tf.range(tall)
        down = tf.minimum(down, tall - down) / tall
        across = tf.range(width // 2 + 1)
        across = tf.cast(across, tf.float32) / wide
        size = tf.sqrt(down[:, None] ** 2 + across[None, :] ** 2)
        size = tf.maximum(size, 1.0 / tf.maximum(tall, wide))
        form = tf.stack([2, n, height, width // 2 + 1])
        noise = tf.random.stateless_normal(form, fold(seed, 4))
        noise /= size**self.decay
        grey = tf.signal.irfft2d(
            tf.complex(noise[0], noise[1]), tf.stack([height, width])
        )
        flat = tf.reshape(grey, (n, -1))
        count = tf.cast(tf.shape(flat)[1], tf.float32)
        stay = tf.cast(tf.round(share * count), tf.int32)
        ordered = tf.sort(flat, 1, "DESCENDING")
        ordered = tf.pad(ordered, ((0, 0), (1, 0)), constant_values=math.inf)
        least = tf.gather(ordered, stay, batch_dims=1)
        return grey >= least[:, None, None]


@register("augment")
class ResizeMix(_Spatial):
    """Pastes the whole of another image, made small.

    Args:
        rate: float in [0, 1], the probability of an image to be mixed.
        least: float in (0, 1], the least side of the small copy, as a share
            of the image's.
        most: float in (0, 1], the greatest.
        classes: int, the number of classes, which turns whole-number labels
            into distributions; None takes the data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Qin et al., "ResizeMix: Mixing Data with Preserved Object Information
        and True Labels", 2020, arXiv:2012.11101, equations 2 to 4; pixels of
        the copy are the nearest ones.

    Example:
        >>> fields = {"x": tf.zeros((2, 8, 8, 3)), "y": tf.constant([0, 1])}
        >>> ResizeMix(classes=2)(fields, [0, 0])["y"].shape
        TensorShape([2, 2])
    """

    arguments = {
        "rate": RATE,
        "least": Float(0.01, 1.0),
        "most": Float(0.01, 1.0),
        "classes": CLASSES,
    }

    def __init__(self, rate=1.0, least=0.1, most=0.8, classes=None):
        super().__init__(rate=rate, least=least, most=most, classes=classes)

    def share(self, n, seed):
        """Draws the small copy's side, as the share that stays."""
        low, high = sorted((self.least, self.most))
        return 1.0 - uniform(seed, (n,), low, high) ** 2

    def mixed(self, x, other, share, seed):
        """Pastes the small copy anywhere inside the image."""
        shape = tf.shape(x)
        inside, source = [], []
        for axis, salt in ((1, 4), (2, 5)):
            side = tf.cast(shape[axis], tf.float32)
            length = tf.round(tf.sqrt(1.0 - share) * side)
            start = tf.floor(
                uniform(fold(seed, salt), shape[:1]) * (side - length + 0.9999)
            )
            place = tf.range(side)[None, :] - start[:, None]
            inside.append((place >= 0) & (place < length[:, None]))
            scale = side / tf.maximum(length, 1.0)
            near = tf.floor((place + 0.5) * scale[:, None])
            near = tf.clip_by_value(near, 0.0, side - 1.0)
            source.append(tf.cast(near, tf.int32))
        small = tf.gather(other, source[0], axis=1, batch_dims=1)
        small = tf.gather(small, source[1], axis=2, batch_dims=1)
        pasted = inside[0][:, :, None] & inside[1][:, None, :]
        kept = 1.0 - tf.reduce_mean(tf.cast(pasted, tf.float32), (1, 2))
        new = tf.where(pasted[..., None], small, x)
        return new, kept, (pasted, source)

    def _target(self, y, order, share, seen, x):
        pasted, source = seen
        if len(y.shape) in (3, 4) and len(x.shape) == 4:
            small = tf.gather(y, order)
            small = tf.gather(small, source[0], axis=1, batch_dims=1)
            small = tf.gather(small, source[1], axis=2, batch_dims=1)
            at = pasted if len(y.shape) == 3 else pasted[..., None]
            return tf.where(at, small, y)
        return super()._target(y, order, share, None, x)


@register("augment")
class MixOrCut(Mixing):
    """Mixes each image by mixup or by CutMix, as chance has it.

    Whole-number masks become distributions, as under mixup.

    Args:
        alpha: float >= 0, both parameters of mixup's Beta distribution; 0
            leaves alone what mixup would mix.
        cut_alpha: float >= 0, the same of CutMix.
        cut: float in [0, 1], the probability of CutMix instead of mixup.
        classes: int, the number of classes, which turns whole-number labels
            into distributions; None takes the data's.
        rate: float in [0, 1], the probability of an image to be mixed.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Zhang et al., "mixup", 2018, arXiv:1710.09412; Yun et al., "CutMix",
        2019, arXiv:1905.04899; in turns as in Touvron et al., "Training
        data-efficient image transformers", 2021, arXiv:2012.12877, but drawn
        for each image.

    Example:
        >>> fields = {"x": tf.zeros((2, 8, 8, 3)), "y": tf.constant([0, 1])}
        >>> MixOrCut(classes=2)(fields, [0, 0])["y"].shape
        TensorShape([2, 2])
    """

    arguments = {
        "alpha": ALPHA,
        "cut_alpha": ALPHA,
        "cut": Float(0.0, 1.0),
        "classes": CLASSES,
        "rate": RATE,
    }
    kind = "image"

    def __init__(
        self, alpha=0.8, cut_alpha=1.0, cut=0.5, classes=None, rate=1.0
    ):
        super().__init__(
            alpha=alpha,
            cut_alpha=cut_alpha,
            cut=cut,
            classes=classes,
            rate=rate,
        )
        self._cutter = CutMix()

    @property
    def idle(self):
        """bool, whether nothing is ever mixed."""
        return self.rate == 0 or self.alpha == self.cut_alpha == 0

    def share(self, n, seed):
        """Draws how much of each image stays."""
        return tf.where(
            self._cuts(n, seed),
            beta(fold(seed, 10), n, self.cut_alpha),
            beta(seed, n, self.alpha),
        )

    def mixed(self, x, other, share, seed):
        """Blends, or pastes a rectangle."""
        cuts = self._cuts(tf.shape(x)[0], seed)
        pasted, kept, seen = self._cutter.mixed(
            x, other, tf.where(cuts, share, 1.0), seed
        )
        blended = blend(x, other, tf.where(cuts, 1.0, share))
        new = tf.where(cuts[:, None, None, None], pasted, blended)
        return new, tf.where(cuts, kept, share), (cuts, seen)

    def _cuts(self, n, seed):
        return uniform(fold(seed, 9), (n,)) < self.cut

    def _target(self, y, order, share, seen, x):
        blended = super()._target(y, order, share, None, x)
        if len(y.shape) not in (3, 4):
            return blended
        cuts, seen = seen
        soft = self._soft(y, x)
        at = seen if len(soft.shape) == 3 else seen[..., None]
        pasted = tf.where(at, soft, tf.gather(soft, order))
        form = (-1,) + (1,) * (len(soft.shape) - 1)
        return tf.where(tf.reshape(cuts, form), pasted, blended)
