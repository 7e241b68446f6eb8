"""Rooms that sounds are heard in: decaying noise, and walls as mirrors."""

import math

import tensorflow as tf

import kerasgen.augment.waveform as waveform
from kerasgen.augment.base import fold, uniform
from kerasgen.augment.sound import Sound, chosen, ordered
from kerasgen.core import Float, Int, register

_SOUND = 343.0
# Natural logarithm of the amplitude that is left after RT60: -60 dB.
_DECAY = 3.0 * math.log(10.0)
_GAP = 0.2


class _Room(Sound):
    """A move that convolves with a response of each example's own."""

    def strong(self):
        """Tells whether any example may be moved."""
        return self.rate > 0

    def move(self, x, seed):
        """Puts the drawn examples into rooms."""
        rate = self.need("sample_rate", "a room's times are in seconds")
        response = self.response(x, float(rate), fold(seed, 1))
        values = waveform.convolve(x, response)
        values = waveform.within(waveform.loud_as(values, x), x)
        return tf.where(chosen(seed, x, self.rate), values, x)

    def response(self, x, rate, seed):
        """Draws a response for each example; a subclass writes this."""
        raise NotImplementedError


@register("augment")
class Reverb(_Room):
    """Lets sounds ring: a direct sound and exponentially decaying noise.

    Length and power of each example stay.

    Args:
        rate: float in [0, 1], the probability of each example.
        shortest: float in [0.01, 20], the least reverberation time RT60 in
            seconds, in which the tail falls by 60 dB.
        longest: float in [0.01, 20], the greatest.
        ratio: float in [-40, 40], the power of the direct sound over that of
            the tail, in dB.
        sample_rate: int >= 1, samples a second; None takes the data's.

    Raises:
        ValueError: for an argument out of range, bounds that are swapped, or
            a sample rate that nobody knows.

    Source:
        Polack, "La transmission de l'energie sonore dans les salles", 1988:
        late reverberation as decaying Gaussian noise.

    Example:
        >>> x = tf.ones((2, 800))
        >>> Reverb(rate=1.0, sample_rate=8000)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 800])
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 1.0)),
        "shortest": Float(0.01, 20.0),
        "longest": Float(0.01, 20.0),
        "ratio": Float(-40.0, 40.0),
        "sample_rate": Int(1),
    }

    def __init__(
        self, rate=0.5, shortest=0.1, longest=0.8, ratio=0.0, sample_rate=None
    ):
        super().__init__(
            rate=rate,
            shortest=shortest,
            longest=longest,
            ratio=ratio,
            sample_rate=sample_rate,
        )
        ordered(self, "shortest", "longest")

    def response(self, x, rate, seed):
        """Draws RT60 and noise of each example's own."""
        n, samples = tf.unstack(tf.shape(x))
        time = uniform(fold(seed, 1), (n, 1), self.shortest, self.longest)
        taps = min(self.longest, 20.0) * rate
        taps = tf.minimum(samples, int(math.ceil(taps)) + 1)
        return ringing(seed, time * rate, self.ratio, taps)


def ringing(seed, time, ratio, taps):
    """Draws responses: one, then noise that falls by 60 dB in a time.

    Args:
        seed: int tensor (2,).
        time: float32 tensor (batch, 1), RT60 in samples.
        ratio: float, the power of the first tap over that of all others, in
            dB.
        taps: int, or int tensor (), the length of a response.

    Returns:
        float32 tensor (batch, taps).

    Source:
        Polack, 1988, as in `Reverb`.

    Example:
        >>> out = ringing(tf.constant([1, 2]), tf.fill((2, 1), 50.0), 0.0, 9)
        >>> out.shape
        TensorShape([2, 9])
    """
    place = tf.cast(tf.range(taps), tf.float32)[None, :]
    noise = tf.random.stateless_normal((tf.shape(time)[0], taps), seed)
    tail = tf.where(place > 0, noise * tf.exp(-_DECAY * place / time), 0.0)
    whole = tf.reduce_sum(tf.square(tail), 1, keepdims=True)
    tail *= tf.math.rsqrt(tf.maximum(whole, 1e-20))
    direct = tf.cast(place == 0, tf.float32)
    return direct + tail * 10.0 ** (-ratio / 20.0)


@register("augment")
class Room(_Room):
    """Puts sounds into box-shaped rooms whose walls are mirrors.

    Sides, absorption and the places of source and ear are drawn for each
    example. Early reflections are exact to a sample; those of more than
    `order` mirrorings along an axis are left out, so that long tails are
    `Reverb`'s. The direct sound comes without delay; length and power stay.

    Args:
        rate: float in [0, 1], the probability of each example.
        smallest: float in [1, 100], the least side of a room in metres; its
            height is at most 4 metres more than this.
        largest: float in [1, 100], the greatest side.
        shortest: float in [0.01, 20], the least reverberation time RT60 in
            seconds, by Eyring's formula.
        longest: float in [0.01, 20], the greatest.
        order: int in [0, 16], mirrorings along each axis.
        sample_rate: int >= 1, samples a second; None takes the data's.

    Raises:
        ValueError: for an argument out of range, bounds that are swapped, or
            a sample rate that nobody knows.

    Source:
        Allen & Berkley, "Image method for efficiently simulating small-room
        acoustics", 1979, with equal walls; Eyring, 1930, for their
        absorption. Sound travels 343 metres a second.

    Example:
        >>> x = tf.ones((2, 800))
        >>> Room(rate=1.0, sample_rate=8000)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 800])
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 1.0)),
        "smallest": Float(1.0, 100.0),
        "largest": Float(1.0, 100.0),
        "shortest": Float(0.01, 20.0),
        "longest": Float(0.01, 20.0),
        "order": Int(0, 16),
        "sample_rate": Int(1),
    }

    def __init__(
        self,
        rate=0.5,
        smallest=2.5,
        largest=10.0,
        shortest=0.1,
        longest=0.5,
        order=6,
        sample_rate=None,
    ):
        super().__init__(
            rate=rate,
            smallest=smallest,
            largest=largest,
            shortest=shortest,
            longest=longest,
            order=order,
            sample_rate=sample_rate,
        )
        ordered(self, "smallest", "largest")
        ordered(self, "shortest", "longest")

    def response(self, x, rate, seed):
        """Draws a room for each example."""
        n, samples = tf.unstack(tf.shape(x))
        low = self.smallest
        high = tf.constant(
            [self.largest, self.largest, min(low + 4.0, self.largest)]
        )
        sides = uniform(seed, (n, 3)) * (high - low) + low
        # Neither source nor ear within an arm of a wall.
        places = uniform(fold(seed, 1), (2, n, 3)) * (1 - 2 * _GAP) + _GAP
        time = uniform(fold(seed, 2), (n, 1), self.shortest, self.longest)
        mirror = reflection(sides, time)
        taps = tf.minimum(samples, int(rate * max(1.0, self.longest)))
        return shoebox(
            sides,
            places[0] * sides,
            places[1] * sides,
            mirror,
            rate,
            self.order,
            taps,
        )


def reflection(sides, time):
    """Gives the share of amplitude that walls throw back, from RT60.

    Args:
        sides: float32 tensor (batch, 3), a room's sides in metres.
        time: float32 tensor (batch, 1), RT60 in seconds.

    Returns:
        float32 tensor (batch, 1) in [0, 1).

    Source:
        Eyring, "Reverberation Time in 'Dead' Rooms", 1930.

    Example:
        >>> out = reflection(tf.ones((1, 3)), tf.ones((1, 1)))
        >>> round(float(out[0, 0]), 3)
        0.987
    """
    room = tf.reduce_prod(sides, 1, keepdims=True)
    walls = 2.0 * tf.reduce_sum(sides * tf.roll(sides, 1, 1), 1, keepdims=True)
    # RT60 = (24 ln 10 / c) V / (-S ln(1 - absorption)); amplitude is a root.
    fall = 24.0 * math.log(10.0) / _SOUND * room / (walls * time)
    return tf.exp(-0.5 * fall)


def shoebox(sides, source, ear, mirror, rate, order, taps):
    """Gives the responses of box-shaped rooms by mirrored sources.

    Args:
        sides: float32 tensor (batch, 3), in metres.
        source: float32 tensor (batch, 3), in metres from a corner.
        ear: float32 tensor (batch, 3), in metres from that corner.
        mirror: float32 tensor (batch, 1), the share of amplitude that a wall
            throws back.
        rate: float, samples a second.
        order: int, mirrorings along each axis.
        taps: int, or int tensor (), the length of a response.

    Returns:
        float32 tensor (batch, taps), in units of the direct sound, which is
        the first tap.

    Source:
        Allen & Berkley, 1979, as in `Room`; delays are rounded to samples.

    Example:
        >>> three = tf.fill((1, 3), 3.0)
        >>> ear = tf.constant([[1.0, 1.5, 1.5]])
        >>> mirror = tf.constant([[0.5]])
        >>> shoebox(three, three / 2, ear, mirror, 8000.0, 2, 99).shape
        TensorShape([1, 99])
    """
    count = tf.range(-order, order + 1)
    odd = tf.cast(count % 2, tf.float32)
    step = tf.cast(count, tf.float32)
    far = sides[:, :, None] * (step + odd)
    far += source[:, :, None] * (1.0 - 2.0 * odd) - ear[:, :, None]
    far = tf.square(far)
    path = tf.sqrt(
        far[:, 0, :, None, None]
        + far[:, 1, None, :, None]
        + far[:, 2, None, None, :]
    )
    hits = tf.abs(step)
    hits = hits[:, None, None] + hits[:, None] + hits
    batch = tf.shape(sides)[0]
    path = tf.reshape(path, (batch, -1))
    straight = tf.norm(source - ear, axis=1, keepdims=True)
    loud = mirror ** tf.reshape(hits, (1, -1)) * straight / path
    delay = tf.round((path - straight) * (rate / _SOUND))
    delay = tf.minimum(tf.cast(delay, tf.int32), taps)
    cell = delay + tf.range(batch)[:, None] * (taps + 1)
    out = tf.math.unsorted_segment_sum(
        tf.reshape(loud, (-1,)), tf.reshape(cell, (-1,)), batch * (taps + 1)
    )
    return tf.reshape(out, (batch, taps + 1))[:, :taps]
