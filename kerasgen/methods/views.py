"""Views: changed copies of prepared examples, drawn inside the step."""

import keras
from keras import ops

from kerasgen.core import create, message
from kerasgen.methods.handed import Given

VIEW = Given("an augmentation, its name or description, a list, or None")
# By how much the standard views change examples, weakly and strongly. Prepared
# numbers and pixels have a standard deviation of about 1.
_NOISE, _SWAPPED = (0.05, 0.2), (0.0, 0.2)
_SHIFT, _TURN, _STRETCH, _HIDDEN = (0.1, 0.1), (0.0, 0.35), (0.0, 0.15), 0.4


class View:
    """Draws a view of a batch of a model's inputs.

    Without a description rows get Gaussian noise, and a strong view cells of
    other rows as well; images are shifted, and in a strong view turned,
    stretched and slanted, with a square hidden and noise; other floats get
    noise.

    Args:
        where: str, who asks.
        name: str, the argument.
        spec: augmentation of prepared examples, its name or description, or a
            list of them, in order; None for the standard.
        model: keras.Model.
        strong: bool, which standard.

    Raises:
        ValueError: for no description and a model whose input isn't one
            tensor of floats, or an augmentation that mixes examples or can't
            be found.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> view = View("FixMatch", "weak", None, model, strong=False)
        >>> view(ops.ones((8, 4)), keras.random.SeedGenerator(0)).shape
        TensorShape([8, 4])
    """

    def __init__(self, where, name, spec, model, strong):
        self.level = int(strong)
        self.parts = None
        if spec is not None:
            spec = spec if isinstance(spec, (list, tuple)) else [spec]
            self.parts = [create("augment", part) for part in spec]
            self._check_parts(where, name)
            return
        inputs = model.inputs
        kind = keras.backend.standardize_dtype(inputs[0].dtype)
        if len(inputs) > 1 or "float" not in kind:
            raise ValueError(
                message(
                    where,
                    f"`{name}` must say how inputs that aren't one tensor of "
                    "floats are changed",
                    {name: None, "inputs": [i.dtype for i in inputs]},
                    f"Pass {name}= an augmentation of prepared examples.",
                )
            )

    def _check_parts(self, where, name):
        for part in self.parts:
            if not callable(part) or getattr(part, "stage", "") == "batch":
                raise ValueError(
                    message(
                        where,
                        f"`{name}` must hold augmentations that don't mix "
                        "examples",
                        {name: part},
                    )
                )

    def __call__(self, x, seed):
        """Draws a view.

        Args:
            x: float tensor (n, ...), prepared; with a description, whatever
                its augmentations take.
            seed: keras.random.SeedGenerator.

        Returns:
            A tensor like `x`, through which no gradient flows.
        """
        if self.parts is None:
            return ops.stop_gradient(self._standard(x, seed))
        for part in self.parts:
            key = keras.random.randint((2,), 0, 2**31 - 1, seed=seed)
            x = part({"x": x}, key)["x"]
        return keras.tree.map_structure(ops.stop_gradient, x)

    def _standard(self, x, seed):
        level = self.level
        x = ops.cast(x, "float32")
        if len(x.shape) == 4:
            x = moved(x, _SHIFT[level], _TURN[level], _STRETCH[level], seed)
            x = hidden(x, _HIDDEN, seed) if level else x
        elif len(x.shape) == 2 and level:
            x = swapped(x, _SWAPPED[level], seed)
        noise = keras.random.normal(ops.shape(x), seed=seed)
        return x + _NOISE[level] * noise


def swapped(x, rate, seed):
    """Replaces numbers of rows by those of other rows of the batch.

    Args:
        x: float tensor (n, columns).
        rate: float in [0, 1], the probability for each number.
        seed: keras.random.SeedGenerator.

    Returns:
        float tensor shaped like `x`.

    Example:
        >>> x = ops.ones((2, 3))
        >>> float(ops.sum(swapped(x, 0.5, keras.random.SeedGenerator(0))))
        6.0
    """
    shape = ops.shape(x)
    chance = keras.random.uniform(shape, seed=seed)
    place = keras.random.uniform(shape, seed=seed)
    rows = ops.cast(place * ops.cast(shape[0], "float32"), "int32")
    rows = ops.minimum(rows, shape[0] - 1)
    other = ops.take_along_axis(x, rows, axis=0)
    return ops.where(chance < rate, other, x)


def moved(x, shift, turn, stretch, seed):
    """Moves images, each by a draw of its own; edges are repeated.

    Args:
        x: float tensor (n, height, width, channels).
        shift: float >= 0, the greatest shift as a share of the side.
        turn: float >= 0, the greatest angle in radians.
        stretch: float in [0, 1), the greatest change of either side's length,
            and of the slant.
        seed: keras.random.SeedGenerator.

    Returns:
        float tensor shaped like `x`.

    Example:
        >>> x = ops.ones((2, 8, 8, 1))
        >>> seed = keras.random.SeedGenerator(0)
        >>> float(ops.min(moved(x, 0.1, 0.3, 0.1, seed)))
        1.0
    """
    n = ops.shape(x)[0]
    draw = keras.random.uniform((6, n), -1.0, 1.0, seed=seed)
    height, width = (float(side) for side in x.shape[1:3])
    angle = turn * draw[0]
    cos, sin = ops.cos(angle), ops.sin(angle)
    tall, wide = 1.0 + stretch * draw[1], 1.0 + stretch * draw[2]
    slant = stretch * draw[3]
    a, b = wide * cos, slant * cos - tall * sin
    d, e = wide * sin, slant * sin + tall * cos
    # Round the middle of the image.
    middle = (width - 1.0) / 2.0, (height - 1.0) / 2.0
    c = middle[0] * (1.0 - a) - middle[1] * b + shift * width * draw[4]
    f = middle[1] * (1.0 - e) - middle[0] * d + shift * height * draw[5]
    none = ops.zeros_like(a)
    matrix = ops.stack([a, b, c, d, e, f, none, none], axis=-1)
    return ops.image.affine_transform(
        x, matrix, fill_mode="nearest", data_format="channels_last"
    )


def hidden(x, side, seed):
    """Hides a rectangle of each image behind zeros, the mean when prepared.

    Args:
        x: float tensor (n, height, width, channels).
        side: float in [0, 1], of the rectangle, as a share of the image's;
            its middle lies anywhere in the image.
        seed: keras.random.SeedGenerator.

    Returns:
        float tensor shaped like `x`.

    Source:
        DeVries & Taylor, "Improved Regularization of Convolutional Neural
        Networks with Cutout", 2017, arXiv:1708.04552.

    Example:
        >>> x = ops.ones((2, 8, 8, 1))
        >>> seed = keras.random.SeedGenerator(0)
        >>> bool(ops.sum(hidden(x, 0.5, seed)) < 128.0)
        True
    """
    n = ops.shape(x)[0]
    kept = []
    for size in x.shape[1:3]:
        middle = keras.random.uniform((n, 1), 0.0, float(size), seed=seed)
        places = ops.arange(size, dtype="float32")[None, :] + 0.5
        kept.append(ops.abs(places - middle) > side * size / 2.0)
    shown = ops.logical_or(kept[0][:, :, None], kept[1][:, None, :])
    return x * ops.cast(shown, x.dtype)[..., None]
