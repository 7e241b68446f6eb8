"""What all our losses share: declared arguments, and their configuration."""

import keras

from kerasgen.core import check_arguments, snake


class OwnLoss(keras.losses.Loss):
    """A loss that checks, keeps and serialises what it declares.

    Args:
        reduction: str, as in Keras.
        name: str; None takes the class's name.
        dtype: str, as in Keras.
        **values: the subclass's declared arguments.

    Attributes:
        arguments: mapping of argument name to its range.
        asks: str, what a model is trained for: "label" (one of several
            classes), "number", "embedding" (places in which examples of one
            label are near each other), or "pair" (two places of each, near
            each other); None for what is none of these.
        rows: bool, whether an example's value depends on nothing but it.
    """

    arguments = {}
    asks = None
    rows = True

    def __init__(
        self,
        *,
        reduction="sum_over_batch_size",
        name=None,
        dtype=None,
        **values,
    ):
        where = type(self).__name__
        super().__init__(
            name=name or snake(where), reduction=reduction, dtype=dtype
        )
        self._values = check_arguments(where, self.arguments, values)
        for key, value in self._values.items():
            setattr(self, key, value)

    def get_config(self):
        """Gives the loss's arguments."""
        return {"name": self.name, "reduction": self.reduction, **self._values}
