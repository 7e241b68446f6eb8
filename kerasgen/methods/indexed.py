"""What methods share that remember something of each training example."""

from keras import ops

from kerasgen.core import Int, mean, message
from kerasgen.methods.base import Method
from kerasgen.methods.vat import needs_classes

# The default number of examples that a memory has room for.
ROOM = 2**16
MEMORY = Int(1)


class Indexed(Method):
    """A method that is told an example's place, and remembers by it.

    A subclass has the argument `memory`, the number of places, and makes its
    tables by `table`.
    """

    needs = ("index",)

    def __init__(self, model, task, **kwargs):
        super().__init__(model, task, **kwargs)
        needs_classes(self)

    def fit(self, x=None, *args, **kwargs):
        """Trains; see `Method.fit`.

        Args:
            x: tf.data.Dataset, or whatever `keras.Model.fit` takes.
            *args: further arguments of `keras.Model.fit`.
            **kwargs: further arguments of `keras.Model.fit`.

        Returns:
            keras.callbacks.History.

        Raises:
            ValueError: for data with more examples than the memory has places.
        """
        examples = getattr(x, "examples", None)
        if examples is not None and examples > self.memory:
            raise ValueError(
                message(
                    type(self).__name__,
                    f"`memory` must be at least the {examples} training "
                    "examples",
                    {"memory": self.memory},
                )
            )
        return super().fit(x, *args, **kwargs)

    def table(self, name, *shape, initializer="zeros"):
        """Makes a table with a row for each place.

        Args:
            name: str.
            *shape: int, the shape of one row.
            initializer: as Keras's.

        Returns:
            keras.Variable (memory, *shape).
        """
        return self.add_weight(
            shape=(self.memory, *shape),
            initializer=initializer,
            trainable=False,
            dtype="float32",
            aggregation="mean",
            name=name,
        )

    @staticmethod
    def places(batch):
        """Gives the places of a batch's examples, int32 (n,)."""
        return ops.reshape(ops.cast(batch["index"], "int32"), (-1,))

    @staticmethod
    def write(table, places, rows):
        """Puts rows into a table.

        Args:
            table: keras.Variable from `table`.
            places: int32 tensor (n,), each at most once.
            rows: float tensor (n, ...).
        """
        values = ops.convert_to_tensor(table)
        change = rows - ops.take(values, places, axis=0)
        # Replicas write different rows, and their tables are averaged.
        change = change / mean(ops.ones((1,)))
        change = ops.scatter(places[:, None], change, ops.shape(values))
        table.assign(values + change)
