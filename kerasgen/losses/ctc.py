"""CTC: the loss of a string whose symbols' times nobody wrote down."""

from keras import ops

from kerasgen.core import register
from kerasgen.losses.base import OwnLoss


@register("loss")
class CTC(OwnLoss):
    """Connectionist temporal classification, over all ways to time a string.

    The model gives logits of each symbol and, last, of the blank, for each
    frame. A string that is longer than the frames can tell, with a blank
    between equal neighbours, has no such way, and the loss 0.

    Args:
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Call:
        y_true: whole numbers (batch, length), -1 behind a string's end.
        y_pred: float (batch, frames, symbols + 1), logits.

    Source:
        Graves et al., "Connectionist Temporal Classification", 2006,
        doi:10.1145/1143844.1143891, equations 3 and 8.

    Example:
        >>> y, logits = ops.array([[0, -1]]), ops.zeros((1, 2, 2))
        >>> round(float(CTC()(y, logits)), 4)  # log(4 / 3): of 4 paths, 3
        0.2877
    """

    def call(self, y_true, y_pred):
        """Gives one value per example, in nats."""
        logits = ops.cast(y_pred, "float32")
        y = ops.cast(y_true, "int32")
        y = y[:, None] if len(y.shape) == 1 else y
        there = y >= 0
        lengths = ops.sum(ops.cast(there, "int32"), 1)
        frames = ops.zeros_like(lengths) + logits.shape[1]
        same = ops.logical_and(y[:, 1:] == y[:, :-1], there[:, 1:])
        twice = ops.sum(ops.cast(same, "int32"), 1)
        can = lengths + twice <= frames
        lost = ops.ctc_loss(
            ops.where(there, y, 0),
            logits,
            ops.where(can, lengths, 0),
            frames,
            mask_index=logits.shape[-1] - 1,
        )
        return ops.where(can, lost, 0.0)
