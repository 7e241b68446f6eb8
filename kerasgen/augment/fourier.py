"""Images in the style of others: their amplitudes of low frequency."""

import tensorflow as tf

from kerasgen.augment.base import Augment, fold, uniform
from kerasgen.augment.colour import greatest, stored
from kerasgen.augment.move import check_pixels
from kerasgen.augment.values import HIGH
from kerasgen.core import Choice, Float, register


@register("augment")
class FourierMix(Augment):
    """Takes the low-frequency amplitudes of other images of the batch.

    A phase holds what is in a picture, an amplitude how it was taken: light,
    colour, scanner. With a field `style` (batch, height, width, channels),
    such as images of a target domain, amplitudes come from there.

    Args:
        rate: float in [0, 1], the greatest weight of the other's amplitude;
            each image draws its own from 0 on.
        share: float in (0, 1], how much of the spectrum is mixed: the side of
            its inner square as a share of the image's.
        mode: "mix" blends the amplitudes; "swap" replaces them, each image
            with the probability `rate`.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Yang & Soatto, "FDA: Fourier Domain Adaptation for Semantic
        Segmentation", 2020, arXiv:2004.05498, equation 3 ("swap"); Xu et al.,
        "A Fourier-based Framework for Domain Generalization", 2021,
        arXiv:2105.11120, equation 5 ("mix").

    Example:
        >>> x = tf.ones((2, 8, 8, 3), tf.uint8)
        >>> FourierMix()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 3])
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 1.0)),
        "share": Float(0.001, 1.0),
        "mode": Choice(("mix", "swap")),
        "high": HIGH,
    }
    kind = "image"

    def __init__(self, rate=0.5, share=0.1, mode="mix", high=None):
        super().__init__(rate=rate, share=share, mode=mode, high=high)

    def apply(self, fields, seed):
        """Mixes a batch."""
        x = fields["x"]
        check_pixels(type(self).__name__, x)
        if self.rate == 0:
            return fields
        high = greatest(self, x)
        n = tf.shape(x)[0]
        style = fields.get("style")
        if style is None:
            order = tf.random.experimental.stateless_shuffle(
                tf.range(n), fold(seed, 1)
            )
            style = tf.gather(x, order)
        draw = uniform(seed, (n, 1, 1, 1))
        if self.mode == "mix":
            weight = draw * self.rate
        else:
            weight = tf.cast(draw < self.rate, tf.float32)
        own, other = _spectrum(x), _spectrum(style)
        length = tf.abs(own)
        inner = self._inner(tf.shape(x)[1], tf.shape(x)[2])
        mixed = length + weight * inner * (tf.abs(other) - length)
        # A vanishing frequency has no phase; that of 1 does.
        phase = tf.where(length > 0, own / tf.complex(length, 0.0), 1.0)
        new = tf.signal.irfft2d(
            phase * tf.complex(mixed, 0.0), tf.shape(x)[1:3]
        )
        new = stored(tf.transpose(new, (0, 2, 3, 1)), x.dtype, high)
        moved = tf.where(weight > 0, tf.ensure_shape(new, x.shape), x)
        return {**fields, "x": moved}

    def _inner(self, height, width):
        """Marks the frequencies that are mixed."""
        down = tf.range(height)
        down = tf.minimum(down, height - down)
        across = tf.range(width // 2 + 1)
        most = [
            tf.cast(tf.cast(side, tf.float32) * self.share / 2.0, tf.int32)
            for side in (height, width)
        ]
        inside = (down <= most[0])[:, None] & (across <= most[1])[None, :]
        return tf.cast(inside, tf.float32)


def _spectrum(x):
    planes = tf.transpose(tf.cast(x, tf.float32), (0, 3, 1, 2))
    return tf.signal.rfft2d(planes)
