"""FDA (Yang & Soatto, 2020): images take on the target's low frequencies."""

from keras import ops

from kerasgen.core import Float, mean, message, register
from kerasgen.losses import robust_entropy
from kerasgen.methods.adaptation import Adaptation


@register("method")
class FDA(Adaptation):
    """Gives source images the low-frequency amplitudes of target images.

    Each image of the source keeps its phases, and takes from one of the
    target in its batch the amplitudes of the lowest frequencies, which hold
    lighting and colour. The task is learnt on these; on the target a robust
    entropy lets predictions become sure.

    Args:
        model: keras.Model for images (height, width, channels), logits out,
            with a layer `head`.
        task: kerasgen.Task with classes.
        share: float in [0, 0.5], of the shorter side: frequencies up to that
            many waves along each side are swapped; 0 swaps none.
        weight: float >= 0, of the entropy on the target; with a share of 0,
            0 is ERM.
        power: float > 0.5, how much more unsure predictions count.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, it isn't for images, the task has no classes, or an
            argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Yang & Soatto, "FDA: Fourier Domain Adaptation for Semantic
        Segmentation", 2020, arXiv:2004.05498, equations 3 to 5. The mean of
        an image is swapped with its sign, so that images which were centred
        by `prepare` become what their pixels would.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.image_classifier((8, 8, 1), 2, size="tiny")
        >>> method = FDA(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 8, 8, 1)), ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'entropy', 'loss', 'task']
    """

    arguments = {
        "share": Float(0.0, 0.5, search=(0.01, 0.15), log=True),
        "weight": Float(0.0, search=(0.001, 0.1), log=True),
        "power": Float(0.5),
    }
    terms = ("task", "entropy")
    classes_only = True

    def __init__(
        self,
        model,
        task,
        *,
        share=0.05,
        weight=0.005,
        power=2.0,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            share=share,
            weight=weight,
            power=power,
        )
        shape = model.input_shape
        if not isinstance(shape, tuple) or len(shape) != 4:
            raise ValueError(
                message(
                    "FDA",
                    "the model's input must be an image, or another feature "
                    "map (height, width, channels)",
                    {"input_shape": shape},
                    "For rows use CORAL.",
                )
            )

    def objective(self, batch):
        """Gives the loss on swapped images, and the entropy."""
        source, target = batch["x"], batch["unlabeled"]
        moved = swap_amplitudes(source, target, self.share)
        _, _, outputs, guesses = self.both({"x": moved, "unlabeled": target})
        unsure = robust_entropy(ops.cast(guesses, "float32"), self.power)
        return {
            "task": self.task_loss(batch, outputs),
            "entropy": self.weight * mean(unsure),
        }, outputs


def swap_amplitudes(source, target, share):
    """Gives images the amplitudes of others at low frequencies.

    Args:
        source: float tensor (n, height, width, channels).
        target: float tensor (m, height, width, channels); the i-th gives to
            the i-th of the source, round and round.
        share: float in [0, 0.5], of the shorter side, as `FDA` takes it.

    Returns:
        float tensor shaped like `source`.

    Source:
        Yang & Soatto, 2020, arXiv:2004.05498, equation 3.

    Example:
        >>> x, u = ops.zeros((1, 4, 4, 1)), ops.ones((1, 4, 4, 1))
        >>> moved = swap_amplitudes(x, u, 0.1)
        >>> round(float(ops.min(moved)), 4), round(float(ops.max(moved)), 4)
        (1.0, 1.0)
    """
    if share == 0:
        return source
    n, height, width = ops.shape(source)[:3]
    given = ops.arange(n) % ops.shape(target)[0]
    re, im = _waves(source)
    other = [ops.take(part, given, axis=0) for part in _waves(target)]
    down, across = _numbers(height), _numbers(width)
    reach = ops.cast(ops.minimum(height, width), "float32") * share
    low = ops.maximum(down[:, None], across[None, :]) <= reach
    still = ops.maximum(down[:, None], across[None, :]) == 0
    own = ops.sqrt(ops.square(re) + ops.square(im))
    theirs = ops.sqrt(ops.square(other[0]) + ops.square(other[1]))
    some = own > 0
    ratio = theirs / ops.where(some, own, ops.ones_like(own))
    # A wave that isn't there has the phase 0.
    swapped = ops.where(some, re * ratio, theirs), im * ratio
    found = []
    for before, after, mark in zip((re, im), swapped, other, strict=True):
        found.append(ops.where(low, ops.where(still, mark, after), before))
    moved, _ = ops.ifft2(tuple(found))
    return ops.cast(ops.transpose(moved, (0, 2, 3, 1)), source.dtype)


def _waves(x):
    x = ops.transpose(ops.cast(x, "float32"), (0, 3, 1, 2))
    return ops.fft2((x, ops.zeros_like(x)))


def _numbers(side):
    """How many waves each frequency of a side has."""
    places = ops.arange(side)
    return ops.cast(ops.minimum(places, side - places), "float32")
