"""Layers for recommenders: rows of numbers that tell users and items."""

import keras
import numpy as np
from keras import ops

_PACKAGE = "kerasgen.layer"
# What is taken off the scores of items that a user had before.
_HIDDEN = 100.0
# What was given is kept in thousandths, and this where nothing was.
_PARTS, _NOTHING = 1000.0, -32768


class _OnIds(keras.layers.Layer):
    """A layer that reads whole numbers out of rows in full precision."""

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(autocast=False, **kwargs)

    def ids(self, x, place, rows):
        """Gives int32 (batch,); what isn't 1 to `rows` is 0, unknown."""
        found = ops.cast(ops.round(ops.cast(x[:, place], "float32")), "int32")
        known = ops.logical_and(found >= 0, found <= rows)
        return ops.where(known, found, 0)


@keras.saving.register_keras_serializable(_PACKAGE)
class Lookup(_OnIds):
    """Looks up the vector of each row's user or item; an unknown one has 0.

    Args:
        place: int, the column of the numbers, from 1; 0 is unknown.
        rows: int >= 1, how many are known.
        width: int >= 1, the length of a vector.
        spread: float >= 0, the standard deviation of the first vectors.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, columns); gives (batch, width).

    Example:
        >>> x = ops.array([[0.0], [2.0], [9.0]])
        >>> ops.any(Lookup(0, 2, 3)(x) != 0, 1).numpy().tolist()
        [False, True, False]
    """

    def __init__(self, place, rows, width, spread=0.1, **kwargs):
        super().__init__(**kwargs)
        self.place, self.rows = place, rows
        self.width, self.spread = width, spread

    def build(self, input_shape):
        """Makes the table."""
        self.table = self.add_weight(
            shape=(self.rows + 1, self.width),
            initializer=keras.initializers.RandomNormal(stddev=self.spread)
            if self.spread
            else "zeros",
            name="table",
        )

    def call(self, x):
        """Looks up."""
        ids = self.ids(x, self.place, self.rows)
        known = ops.cast(ids > 0, "float32")[:, None]
        return ops.take(self.table, ids, 0) * known

    def compute_output_shape(self, input_shape):
        """Gives (batch, width)."""
        return (input_shape[0], self.width)

    def get_config(self):
        """Gives the layer's arguments."""
        own = ("place", "rows", "width", "spread")
        own = {name: getattr(self, name) for name in own}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(_PACKAGE)
class Drift(Lookup):
    """Looks up a bias that moves with time, between knots.

    Args:
        place: int, the column of the numbers of users or items.
        rows: int >= 1, how many are known.
        width: int >= 2, the knots, evenly from -2 to 2 standard deviations;
            between two the bias is linear.
        moment: int, the column of the time, standardised.
        spread: float >= 0, of the first biases.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, columns); gives (batch, 1).

    Source:
        Koren, "Collaborative Filtering with Temporal Dynamics", 2009,
        equation 6, there with steps instead of slopes.

    Example:
        >>> Drift(0, 2, 4, 1)(ops.array([[1.0, 0.5]])).shape
        TensorShape([1, 1])
    """

    def __init__(self, place, rows, width, moment, spread=0.0, **kwargs):
        super().__init__(place, rows, width, spread, **kwargs)
        self.moment = moment

    def call(self, x):
        """Looks up between the knots."""
        found = super().call(x)
        time = ops.clip(ops.cast(x[:, self.moment], "float32"), -2.0, 2.0)
        place = (time + 2.0) * (self.width - 1) / 4.0
        knots = ops.arange(self.width, dtype="float32")
        near = ops.maximum(1.0 - ops.abs(place[:, None] - knots), 0.0)
        return ops.sum(found * near, 1, keepdims=True)

    def compute_output_shape(self, input_shape):
        """Gives (batch, 1)."""
        return (input_shape[0], 1)

    def get_config(self):
        """Gives the layer's arguments."""
        return {**super().get_config(), "moment": self.moment}


@keras.saving.register_keras_serializable(_PACKAGE)
class History(_OnIds):
    """Sums up what a user had and how it was liked, as one vector.

    Of user u and the items j that training saw with the user, but the row's
    own item i, it is the sum of y_j + r_uj x_j over the root of their number.

    Args:
        user: int, the column of users.
        users: int >= 1.
        items: int >= 1.
        width: int >= 1, the length of the vector.
        item: int, the column of items, or None where the rows have none.
        dropout: float in [0, 1), the share of items left out in training.
        table: float array (users + 1, items + 1), what was given, NaN where
            nothing was; or None, where a file brings it.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, columns); gives (batch, width).

    Source:
        Koren, "Factorization Meets the Neighborhood", 2008, equations 13
        and 15; there r_uj is what a bias leaves, and i is not left out.

    Example:
        >>> seen = np.full((3, 4), np.nan)
        >>> seen[1, 2] = 0.5
        >>> layer = History(0, 2, 3, 2, table=seen)
        >>> found = layer(ops.array([[1.0], [2.0]]))
        >>> ops.any(found != 0, 1).numpy().tolist()
        [True, False]
    """

    def __init__(
        self,
        user,
        users,
        items,
        width,
        item=None,
        dropout=0.0,
        table=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.user, self.users = user, users
        self.item, self.items = item, items
        self.width, self.dropout = width, dropout
        self._given = table
        self._drop = keras.layers.Dropout(dropout) if dropout else None

    def build(self, input_shape):
        """Makes the tables; what was given is kept with the weights."""
        # Whole numbers: averages of weights and the like leave them alone.
        self.given = self.add_weight(
            shape=(self.users + 1, self.items + 1),
            initializer=keras.initializers.Constant(_NOTHING),
            dtype="int16",
            trainable=False,
            name="given",
        )
        if self._given is not None:
            given = np.asarray(self._given, "float64")
            told = np.clip(np.nan_to_num(given), -30.0, 30.0) * _PARTS
            told = np.where(np.isfinite(given), np.round(told), _NOTHING)
            self.given.assign(told.astype("int16"))
        start = {
            "shape": (2 * (self.items + 1), self.width),
            "initializer": keras.initializers.RandomNormal(stddev=0.02),
        }
        self.vectors = self.add_weight(name="vectors", **start)

    def call(self, x, training=False):
        """Sums up."""
        ids = self.ids(x, self.user, self.users)
        given = ops.take(self.given, ids, 0)
        seen = ops.cast(given != _NOTHING, "float32")
        liked = ops.cast(given, "float32") / _PARTS
        if self.item is not None:
            own = self.ids(x, self.item, self.items)
            seen = seen * (1.0 - ops.one_hot(own, self.items + 1))
        if self._drop is not None:
            seen = self._drop(seen, training=training)
        count = ops.sum(seen, 1, keepdims=True)
        both = ops.concatenate([seen, seen * liked], 1)
        return ops.matmul(both, self.vectors) / ops.sqrt(count + 1.0)

    def compute_output_shape(self, input_shape):
        """Gives (batch, width)."""
        return (input_shape[0], self.width)

    def get_config(self):
        """Gives the layer's arguments; a file's weights bring the table."""
        own = ("user", "users", "items", "width", "item", "dropout")
        own = {name: getattr(self, name) for name in own}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(_PACKAGE)
class Catalogue(_OnIds):
    """Scores every item for a user; at inference, those had before go last.

    Args:
        users: int >= 1.
        items: int >= 1.
        table: array (users + 1, items + 1) of what users had, NaN where
            nothing, with the items from column 1; None hides nothing, and
            True is for a file that brings it.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, width + 1), the user's vector and, last, the
            user's number; gives float32 (batch, items).

    Example:
        >>> Catalogue(2, 3)(ops.ones((1, 5))).shape
        TensorShape([1, 3])
    """

    def __init__(self, users, items, table=None, **kwargs):
        super().__init__(**kwargs)
        self.users, self.items = users, items
        self._given = table

    def build(self, input_shape):
        """Makes the items' vectors and biases."""
        self.vectors = self.add_weight(
            shape=(input_shape[-1] - 1, self.items),
            initializer=keras.initializers.RandomNormal(stddev=0.1),
            name="vectors",
        )
        self.bias = self.add_weight(
            shape=(self.items,), initializer="zeros", name="bias"
        )
        self.seen = None
        if self._given is not None:
            self.seen = self.add_weight(
                shape=(self.users + 1, self.items),
                initializer="zeros",
                dtype="uint8",
                trainable=False,
                name="seen",
            )
        if self._given is not None and self._given is not True:
            seen = np.isfinite(np.asarray(self._given, "float32"))[:, 1:]
            self.seen.assign(seen.astype("uint8"))

    def call(self, x, training=False):
        """Scores."""
        x = ops.cast(x, "float32")
        scores = ops.matmul(x[:, :-1], self.vectors) + self.bias
        if self.seen is not None and not training:
            ids = self.ids(x, -1, self.users)
            seen = ops.cast(ops.take(self.seen, ids, 0), "float32")
            scores = scores - _HIDDEN * seen
        return scores

    def compute_output_shape(self, input_shape):
        """Gives (batch, items)."""
        return (input_shape[0], self.items)

    def get_config(self):
        """Gives the layer's arguments."""
        own = {"users": self.users, "items": self.items}
        own["table"] = None if self._given is None else True
        return {**super().get_config(), **own}
