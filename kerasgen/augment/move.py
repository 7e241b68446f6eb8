"""Move: an image augmentation as a small draw and one compiled pass.

All random numbers of a batch are drawn first, a few for each image. Then one
pass compiled by XLA walks over the images: what is drawn for one image costs
the others nothing, and neighbouring pixel operations become one loop. Where
the size of images isn't known in advance, the same pass runs uncompiled.
"""

import tensorflow as tf

from kerasgen.augment.base import Augment, fold
from kerasgen.core import Float, message


class Move(Augment):
    """An augmentation of images, one by one.

    A subclass writes `draw` for a batch and `one` for an image.

    Attributes:
        compiled: bool, whether XLA can compile `one`.
    """

    kind = "image"
    compiled = True

    @property
    def idle(self):
        """bool, whether every argument that a search varies is at rest."""
        searched = [
            (name, bounds)
            for name, bounds in self.arguments.items()
            if isinstance(bounds, Float) and bounds.search is not None
        ]
        return bool(searched) and all(
            getattr(self, name) == bounds.low for name, bounds in searched
        )

    def draw(self, seed, size):
        """Draws what a batch needs; a subclass writes this.

        Args:
            seed: int tensor (2,).
            size: tuple (batch, height, width, channels) of int or scalar
                tensor.

        Returns:
            A nest of tensors whose first axis is the batch.
        """
        raise NotImplementedError

    def one(self, x, draw):
        """Moves one image; a subclass writes this.

        Args:
            x: tensor (height, width, channels).
            draw: the nest that `draw` gave, for this image.

        Returns:
            tensor of the same dtype.
        """
        raise NotImplementedError

    def out_size(self, height, width):
        """Gives height and width of what comes out."""
        return height, width

    def along(self, fields, draws):
        """Moves masks, boxes and keypoints; most moves leave them."""
        return fields

    def apply(self, fields, seed):
        """Moves a batch.

        Args:
            fields: dict with `x` (batch, height, width, channels), uint8 or
                float.
            seed: int tensor (2,).

        Returns:
            dict of the same fields and dtypes.

        Raises:
            TypeError: for other dtypes.
        """
        x = fields["x"]
        check_pixels(type(self).__name__, x)
        if self.idle:
            return fields
        draws = self.draw(seed, size_of(x))
        return {**self.along(fields, draws), "x": self.each(x, draws)}

    def each(self, x, draws):
        """Runs `one` over a batch.

        Args:
            x: tensor (batch, height, width, channels).
            draws: what `draw` gave.

        Returns:
            tensor of the same dtype.
        """
        if not self.compiled or None in x.shape[1:].as_list():
            return self._walk(x, draws)
        if "_compiled" not in self.__dict__:
            self._compiled = tf.function(
                self._walk, jit_compile=True, autograph=False
            )
        return self._compiled(x, draws)

    def _walk(self, x, draws):
        height, width = self.out_size(*x.shape[1:3])
        spec = tf.TensorSpec((height, width, x.shape[3]), x.dtype)
        return tf.map_fn(
            lambda item: self.one(*item), (x, draws), fn_output_signature=spec
        )

    @staticmethod
    def fuse(members):
        """Joins neighbouring moves into one pass.

        Args:
            members: list of (salt, Move); the salt sets the draws apart.

        Returns:
            Move.
        """
        return Fused(members)

    def __getstate__(self):
        # A compiled pass can't be copied, and is made again when needed.
        return {k: v for k, v in self.__dict__.items() if k != "_compiled"}


class Fused(Move):
    """Several moves in one pass: one resampling, one table of values.

    Geometric moves are multiplied into one matrix and pixels are resampled
    once. Moves of values are made one table, which goes first: geometry and
    values change places, which differs only by the rounding of the resampling
    and in statistics (such as the mean for contrast), which are those of the
    whole image.

    Args:
        members: list of (salt, Move); the salt sets its draws apart.
    """

    def __init__(self, members):
        super().__init__()
        self.members = list(members)

    idle = False

    def draw(self, seed, size):
        """Draws for each member from a seed of its own."""
        draws = []
        for salt, part in self.members:
            key = seed if salt is None else fold(seed, salt)
            draws.append(() if part.idle else part.draw(key, size))
            size = (size[0], *part.out_size(*size[1:3]), size[3])
        return tuple(draws)

    def out_size(self, height, width):
        """Gives height and width after every member."""
        for _, part in self.members:
            height, width = part.out_size(height, width)
        return height, width

    def one(self, x, draw):
        """Moves one image."""
        pending = Pending(x)
        for (_, part), drawn in zip(self.members, draw, strict=True):
            if not part.idle:
                pending.add(part, drawn)
        return pending.flush()

    def along(self, fields, draws):
        """Moves masks, boxes and keypoints; one resampling where it can be."""
        waiting, size = None, size_of(fields["x"])[1:3]
        for (_, part), drawn in zip(self.members, draws, strict=True):
            if part.idle:
                continue
            if getattr(part, "fusion", None) != "geometry":
                fields = part.along(fields, drawn)
                continue
            if waiting is not None and not part.fits(waiting[0]):
                fields = waiting[0].along(fields, waiting[1], waiting[2])
                waiting, size = None, waiting[2]
            matrix = drawn if waiting is None else waiting[1] @ drawn
            seen = waiting[2] if waiting is not None else size
            waiting = (part, matrix, part.out_size(*seen))
        if waiting is not None:
            fields = waiting[0].along(fields, waiting[1], waiting[2])
        return fields


class Pending:
    """An image with a matrix and a table that are still to be applied.

    Args:
        x: tensor (height, width, channels).
    """

    def __init__(self, x):
        self.x = x
        self._geometry = None
        self._by = None
        self._values = None

    def add(self, part, draw):
        """Takes one more move in.

        Args:
            part: Move.
            draw: what was drawn for this image.
        """
        kind = getattr(part, "fusion", None)
        if kind == "values" and self.x.dtype == tf.uint8:
            self._values = part.more(self._values, self.x, draw)
        elif kind == "geometry":
            if self._by is not None and not part.fits(self._by):
                self.flush()
            self._geometry = part.more(self._geometry, self.x, draw)
            self._by = part
        else:
            self.flush()
            self.x = part.one(self.x, draw)

    def flush(self):
        """Applies what is pending.

        Returns:
            tensor (height, width, channels).
        """
        if self._values is not None:
            self.x = self._values.apply(self.x)
        if self._geometry is not None:
            self.x = self._geometry.apply(self.x)
        self._values = self._geometry = self._by = None
        return self.x


def stage(chosen, compute, *likes):
    """Computes in a loop of its own what later loops read many times.

    The compiler would otherwise compute it again for each of its readers; a
    conditional keeps it from that.

    Args:
        chosen: scalar bool tensor, not known in advance; where it is false
            the result is zeros.
        compute: callable without arguments, to one tensor or a list.
        *likes: (shape, dtype) of each tensor.

    Returns:
        What `compute` gives.

    Example:
        >>> yes = tf.constant(True)
        >>> stage(yes, lambda: tf.ones(2), ((2,), "float32")).numpy().tolist()
        [1.0, 1.0]
    """

    def nothing():
        zeros = [tf.zeros(shape, dtype) for shape, dtype in likes]
        return zeros if len(zeros) > 1 else zeros[0]

    return tf.cond(chosen, compute, nothing)


def sides(x):
    """Gives an image's sizes, static where they are known.

    Args:
        x: tensor of any rank.

    Returns:
        list of int and scalar int32 tensors.

    Example:
        >>> sides(tf.zeros((4, 5, 3)))
        [4, 5, 3]
    """
    dynamic = tf.shape(x)
    return [
        dynamic[axis] if side is None else side
        for axis, side in enumerate(x.shape.as_list())
    ]


def size_of(x):
    """Gives a batch's sizes, static where they are known.

    Args:
        x: tensor (batch, height, width, channels).

    Returns:
        tuple of int and scalar int32 tensors.

    Example:
        >>> size_of(tf.zeros((2, 4, 4, 3)))
        (2, 4, 4, 3)
    """
    return tuple(sides(x))


def check_pixels(where, x):
    """Checks that images have a dtype that moves know.

    Args:
        where: str, who complains.
        x: tensor.

    Raises:
        TypeError: for what is neither uint8 nor float.

    Example:
        >>> check_pixels("Flip", tf.zeros((1, 2, 2, 1), tf.uint8))
    """
    if x.dtype != tf.uint8 and not x.dtype.is_floating:
        raise TypeError(
            message(
                where,
                "images must be uint8 or float",
                {"dtype": x.dtype.name},
                "Cast them first.",
            )
        )
