"""Moves of videos: image moves held still over the frames, moves of time."""

import dataclasses

import tensorflow as tf

from kerasgen.augment.base import Augment, fold, uniform
from kerasgen.core import Float, create, instance, message, register, snake

# What may have an axis of frames, beside `x`: of at least this rank.
_DENSE = ("y", "mask", "boxes", "keypoints")
_RANK = 4


@dataclasses.dataclass(frozen=True)
class ImagePart:
    """An image augmentation, or its description.

    Example:
        >>> ImagePart().check("Video", "move", "flip").rate
        0.5
    """

    search = None

    def check(self, where, name, value):
        """Makes the part and checks that it fits."""
        part = instance(where, name, create("augment", value), Augment)
        if part.kind not in ("image", None) or part.stage == "batch":
            raise ValueError(
                message(
                    where,
                    f"`{name}` must be {self.legal()}",
                    {name: type(part).__name__, "kind": part.kind},
                    "Parts that mix examples go beside this one, not in it.",
                )
            )
        return part

    def legal(self):
        """Writes the legal values."""
        return "an augmentation of single images"

    def outside(self):
        """Gives one value that must be refused."""
        return 0


@register("augment")
class Video(Augment):
    """Moves all frames of a clip by one and the same draw of an image part.

    What the move measures, such as a mean, it measures in each frame. Dense
    targets, masks, boxes and keypoints go along: with an axis of frames
    (rank 4 and more) frame by frame, without one (rank 3) as the clip's own.

    Args:
        move: an image augmentation, its name, or a mapping of `name` and
            arguments.
        rate: float in [0, 1], the probability of each clip.

    Raises:
        ValueError: for an argument out of range, or a part that mixes
            examples or is for other data.
        TypeError: for what is no augmentation.

    Source:
        Qian et al., "Spatiotemporal Contrastive Video Representation
        Learning", 2021, arXiv:2008.03800 (temporally consistent
        spatial augmentation).

    Example:
        >>> x = tf.random.stateless_uniform((2, 3, 8, 8, 1), [1, 2])
        >>> out = Video({"name": "flip", "rate": 1.0})({"x": x}, [0, 0])["x"]
        >>> bool(tf.reduce_all(out == x[:, :, :, ::-1]))
        True
    """

    arguments = {
        "move": ImagePart(),
        "rate": Float(0.0, 1.0, search=(0.0, 1.0)),
    }
    kind = "video"

    def __init__(self, move="flip", rate=1.0):
        super().__init__(move=move, rate=rate)
        self.stage = self.move.stage

    def bind(self, **known):
        """Fills what the part left open with what the data know.

        Args:
            **known: values by argument name.

        Returns:
            Video, this one where nothing was open.
        """
        move = self.move.bind(**known)
        return self if move is self.move else type(self)(move, self.rate)

    def get_config(self):
        """Gives the arguments, with the part's description."""
        name = snake(type(self.move).__name__)
        move = {"name": name, **self.move.get_config()}
        return {"move": move, "rate": self.rate}

    def apply(self, fields, seed):
        """Moves a batch of clips."""
        if self.rate == 0:
            return fields
        framed = _framed(fields)
        moved = self._each_frame(framed, seed)
        whole = {
            name: fields[name]
            for name in _DENSE
            if name in fields
            and name not in framed
            and len(fields[name].shape) == _RANK - 1
        }
        if whole:
            first = self.move({"x": fields["x"][:, 0], **whole}, seed)
            moved.update({name: first[name] for name in whole})
        if self.rate < 1:
            n = tf.shape(fields["x"])[0]
            taken = uniform(fold(seed, 1), (n,)) < self.rate
            for name, value in moved.items():
                moved[name] = self._where(taken, value, fields[name])
        return {**fields, **moved}

    def _each_frame(self, framed, seed):
        """Hands the part one frame of every clip after another."""
        ahead = {name: _swapped(value) for name, value in framed.items()}
        shapes = {name: self._shape(name, v) for name, v in ahead.items()}
        moved = tf.map_fn(
            lambda frame: self._frame(frame, seed),
            ahead,
            fn_output_signature={
                name: tf.TensorSpec(shapes[name][1:], value.dtype)
                for name, value in ahead.items()
            },
        )
        return {
            name: tf.ensure_shape(_swapped(value), _swap(shapes[name]))
            for name, value in moved.items()
        }

    def _frame(self, frame, seed):
        out = self.move(frame, seed)
        return {name: out[name] for name in frame}

    def _shape(self, name, value):
        """The shape (frames, batch, ...) of what comes back."""
        shape = value.shape.as_list()
        resized = getattr(self.move, "out_size", None)
        if resized is not None and name in ("x", "y", "mask"):
            shape[2:4] = resized(*shape[2:4])
        return shape

    def _where(self, taken, moved, before):
        if not moved.shape.is_compatible_with(before.shape):
            raise ValueError(
                message(
                    type(self).__name__,
                    "`rate` must be 1 where the part changes the size",
                    {"rate": self.rate, "move": type(self.move).__name__},
                )
            )
        taken = tf.reshape(taken, [-1] + [1] * (len(before.shape) - 1))
        return tf.where(taken, moved, before)


class _Time(Augment):
    """A move that takes other frames for each frame of a clip."""

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.5))}
    kind = "video"

    def __init__(self, rate=0.2):
        super().__init__(rate=rate)

    def apply(self, fields, seed):
        """Moves a batch of clips."""
        if self.rate == 0:
            return fields
        shape = tf.shape(fields["x"])
        source = self.source(shape[0], shape[1], seed)
        moved = {
            name: tf.ensure_shape(
                tf.gather(value, source, batch_dims=1), value.shape
            )
            for name, value in _framed(fields).items()
        }
        return {**fields, **moved}

    def source(self, n, frames, seed):
        """Gives, for each clip and frame, the frame to take."""
        raise NotImplementedError


@register("augment")
class TimeCrop(_Time):
    """Keeps a window of each clip and plays it over the clip's length.

    Frames are repeated, none is blended. Fields with an axis of frames (rank
    4 and more) go along.

    Args:
        rate: float in [0, 1], the greatest share of the frames that is cut
            off.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Tran et al., "Learning Spatiotemporal Features with 3D Convolutional
        Networks", 2015, which trains on clips cut at random times; the window
        is resampled to the clip's length.

    Example:
        >>> x = tf.ones((2, 6, 4, 4, 1))
        >>> TimeCrop(rate=0.5)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 6, 4, 4, 1])
    """

    def source(self, n, frames, seed):
        """Spreads places over a drawn window."""
        draw = uniform(seed, (2, n, 1))
        count = tf.cast(frames, tf.float32)
        window = tf.maximum(count * (1.0 - draw[0] * self.rate), 1.0)
        start = draw[1] * (count - window)
        place = tf.cast(tf.range(frames), tf.float32)[None, :] + 0.5
        taken = tf.floor(start + place * (window / count))
        return tf.clip_by_value(tf.cast(taken, tf.int32), 0, frames - 1)


@register("augment")
class TimeReverse(_Time):
    """Plays clips backwards, each with a probability.

    Not for classes that differ by the direction of time. Fields with an axis
    of frames (rank 4 and more) go along.

    Args:
        rate: float in [0, 1], the probability of each clip.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Wei et al., "Learning and Using the Arrow of Time", 2018, for what
        this takes away.

    Example:
        >>> x = tf.reshape(tf.range(3.0), (1, 3, 1, 1, 1))
        >>> TimeReverse(rate=1.0)({"x": x}, [0, 0])["x"].numpy().ravel()
        array([2., 1., 0.], dtype=float32)
    """

    def source(self, n, frames, seed):
        """Counts backwards in the clips drawn."""
        place = tf.range(frames)[None, :]
        taken = uniform(seed, (n, 1)) < self.rate
        return tf.where(taken, frames - 1 - place, place)


@register("augment")
class FrameDrop(_Time):
    """Loses frames, each with a probability; the one before stays on.

    The first frame is never lost. Fields with an axis of frames (rank 4 and
    more) go along.

    Args:
        rate: float in [0, 1], the probability of each frame.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Yi et al., "Benchmarking the Robustness of Spatial-Temporal Models
        Against Corruptions", 2021, arXiv:2110.06513 (frame rate, packet
        loss).

    Example:
        >>> x = tf.reshape(tf.range(3.0), (1, 3, 1, 1, 1))
        >>> FrameDrop(rate=1.0)({"x": x}, [0, 0])["x"].numpy().ravel()
        array([0., 0., 0.], dtype=float32)
    """

    def source(self, n, frames, seed):
        """Finds the last frame that wasn't lost."""
        place = tf.range(frames)
        kept = uniform(seed, (n, frames)) >= self.rate
        kept = tf.where(kept, place, 0)
        earlier = place[None, :] <= place[:, None]
        return tf.reduce_max(tf.where(earlier, kept[:, None, :], 0), 2)


def _framed(fields):
    """The fields with an axis of frames, `x` among them."""
    return {
        name: value
        for name, value in fields.items()
        if name == "x" or (name in _DENSE and len(value.shape) >= _RANK)
    }


def _swap(shape):
    return [shape[1], shape[0], *shape[2:]]


def _swapped(value):
    """Batch and frames change places."""
    rank = len(value.shape)
    return tf.transpose(value, [1, 0, *range(2, rank)])
