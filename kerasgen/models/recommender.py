"""Users and items to ratings, or to a ranking of all items."""

import keras
from keras import layers

from kerasgen.core import Choice, Int, Numbers, instance, message, register
from kerasgen.layers.recommend import Catalogue, Drift, History, Lookup
from kerasgen.models.base import KNOBS, check_factory

_SIZES = {
    "tiny": {"width": 4, "hidden": (8,)},
    "small": {"width": 32, "hidden": (64, 32)},
    "base": {"width": 128, "hidden": (256, 128)},
}
BODIES = ("mf", "neumf", "two_tower")
_KNOBS = {
    "size": KNOBS["size"],
    "body": Choice(BODIES, search=("mf", "two_tower")),
    "form": Choice(("rating", "ranking")),
    "width": Int(1, search=(8, 128), log=True),
    "dropout": KNOBS["dropout"],
    "drift": Int(0, search=(0, 16)),
    "item_columns": Numbers(),
}


@register("model", arguments=_KNOBS)
def recommender(
    users,
    items,
    *,
    shape=None,
    history=None,
    size="small",
    body="mf",
    form="rating",
    width=None,
    dropout=0.2,
    drift=0,
    item_columns=None,
):
    """Makes a recommender from numbers of users and items.

    A row ends with the number of its user and, to rate, that of its item;
    columns before them tell more: of the item, of the user, of the moment.
    Numbers run from 1, and 0 is a user or item that training never saw: a
    cold one gets what the others' biases and columns say.

    Args:
        users: int >= 1, how many users are known.
        items: int >= 1, how many items are known.
        shape: tuple (columns,) of one prepared row; None is that of a row
            without further columns.
        history: float array (users + 1, items + 1) of what users gave to
            items in training, NaN where nothing, or None. With it, what
            users had tells about them, and to rank, items had aren't offered
            again.
        size: "tiny" (vectors of 4), "small" (of 32) or "base" (of 128).
        body: "mf" (biases and factors), "neumf" (beside them a network on
            both vectors; only to rate) or "two_tower" (a network for all that
            is known of the user, and one for the item).
        form: "rating" of a user and an item, or "ranking" of all items.
        width: int, the length of vectors, instead of the size's.
        dropout: float in [0, 0.9], the rate in vectors, networks and history.
        drift: int, the knots between which biases move with the first
            column that isn't the item's, such as the time; 0 leaves them at
            rest.
        item_columns: tuple of int, the places of columns that tell about the
            item; all others tell about the user and the moment.

    Returns:
        keras.Model from float (batch, columns) to (batch, 1) on the task's
        scale, or to the logits of items (batch, items), with a layer `head`.

    Raises:
        ValueError: for numbers, a shape or a knob that can't be.
        TypeError: for numbers that are none.

    Source:
        Koren et al., "Matrix Factorization Techniques for Recommender
        Systems", 2009; Koren, "Factorization Meets the Neighborhood", 2008
        (history); He et al., "Neural Collaborative Filtering", 2017,
        arXiv:1708.05031; Covington et al., "Deep Neural Networks for YouTube
        Recommendations", 2016 (towers).

    Example:
        >>> recommender(943, 1682, size="tiny").output_shape
        (None, 1)
        >>> model = recommender(943, 1682, form="ranking", size="tiny")
        >>> model.output_shape
        (None, 1682)
    """
    where = "recommender"
    for name, value in (("users", users), ("items", items)):
        if instance(where, name, value, int) < 1:
            expected = f"`{name}` must be at least 1"
            raise ValueError(message(where, expected, {name: value}))
    values = {
        "size": size,
        "body": body,
        "form": form,
        "width": width,
        "dropout": dropout,
        "drift": drift,
        "item_columns": item_columns,
    }
    ids = 2 if form == "rating" else 1
    shape = check_factory(
        where, (ids,) if shape is None else shape, 1, _KNOBS, values
    )
    about = tuple(int(place) for place in item_columns or ())
    _check_columns(shape[0] - ids, about, form, body)
    plan = dict(_SIZES[size])
    plan["width"] = width or plan["width"]
    parts = _Parts(shape[0], ids, about, users, items, history)
    inputs = keras.Input(shape, name="columns")
    build = _rating if form == "rating" else _ranking
    return build(inputs, parts, body, plan, dropout, drift)


def _check_columns(columns, about, form, body):
    if columns < 0 or any(place >= columns for place in about):
        raise ValueError(
            message(
                "recommender",
                "`shape` must have the numbers of user and item, and "
                "`item_columns` must be places before them",
                {"columns before": columns, "item_columns": about},
            )
        )
    if form == "ranking" and (about or body == "neumf"):
        raise ValueError(
            message(
                "recommender",
                "a ranking has all items in one answer, and takes neither "
                '`item_columns` nor body="neumf"',
                {"item_columns": about, "body": body},
            )
        )


class _Parts:
    """Where things are in a row, and the layers that look them up."""

    def __init__(self, columns, ids, about, users, items, history):
        self.item = columns - 1 if ids == 2 else None
        self.user = columns - ids
        self.about = list(about)
        self.moment = [i for i in range(self.user) if i not in about]
        self.users, self.items, self.history = users, items, history

    def lookup(self, x, which, width, spread=0.1, name=None):
        place, rows = self.of(which)
        return Lookup(place, rows, width, spread, name=name or which)(x)

    def of(self, which):
        if which == "user":
            return self.user, self.users
        return self.item, self.items

    def known(self, x, width, dropout):
        """The user's vector, with what the user had before."""
        found = self.lookup(x, "user", width)
        if self.history is None:
            return found
        had = History(
            self.user,
            self.users,
            self.items,
            width,
            self.item,
            dropout,
            self.history,
            name="history",
        )(x)
        return layers.Add(name="user_and_history")([found, had])

    def biases(self, x, drift):
        """Biases of user and item, and where asked how they move."""
        found = [
            self.lookup(x, which, 1, 0.0, f"{which}_bias")
            for which in ("user", "item")
        ]
        if drift and self.moment:
            knots = max(2, drift)
            found += [
                Drift(
                    *self.of(which),
                    knots,
                    self.moment[0],
                    name=f"{which}_drift",
                )(x)
                for which in ("user", "item")
            ]
        return found


def _rating(inputs, parts, body, plan, dropout, drift):
    width = plan["width"]
    user = parts.known(inputs, width, dropout)
    item = parts.lookup(inputs, "item", width)
    seen = [inputs[:, i : i + 1] for i in (*parts.moment, *parts.about)]
    if body == "two_tower":
        moment = [inputs[:, i : i + 1] for i in parts.moment]
        about = [inputs[:, i : i + 1] for i in parts.about]
        user = _tower([user, *moment], plan, dropout, "user")
        item = _tower([item, *about], plan, dropout, "item")
    if dropout:
        user = layers.Dropout(dropout, name="user_dropout")(user)
        item = layers.Dropout(dropout, name="item_dropout")(item)
    found = [layers.Multiply(name="match")([user, item])]
    found += parts.biases(inputs, drift)
    if body == "neumf":
        pair = [
            parts.lookup(inputs, which, width, name=f"{which}_deep")
            for which in ("user", "item")
        ]
        seen = [_network([*pair, *seen], plan["hidden"], dropout, "deep")]
    if seen:
        told = _joined(seen, "columns_told")
        found.append(layers.Dense(1, name="told")(told))
    features = layers.Concatenate(name="features", dtype="float32")(found)
    # One each to begin with: the plain sum of products and biases.
    head = layers.Dense(
        1, kernel_initializer="ones", name="head", dtype="float32"
    )
    return keras.Model(inputs, head(features), name="recommender")


def _ranking(inputs, parts, body, plan, dropout, _):
    width = plan["width"]
    user = parts.known(inputs, width, dropout)
    seen = [inputs[:, i : i + 1] for i in parts.moment]
    if body == "two_tower":
        user = _tower([user, *seen], plan, dropout, "user")
    elif seen:
        told = _joined(seen, "columns_told")
        told = layers.Dense(width, name="moment")(told)
        user = layers.Add(name="user_and_moment")([user, told])
    if dropout:
        user = layers.Dropout(dropout, name="user_dropout")(user)
    number = inputs[:, parts.user : parts.user + 1]
    features = layers.Concatenate(name="features", dtype="float32")(
        [user, number]
    )
    head = Catalogue(parts.users, parts.items, parts.history, name="head")
    return keras.Model(inputs, head(features), name="recommender")


def _tower(found, plan, dropout, name):
    x = _network(found, plan["hidden"], dropout, f"{name}_tower")
    return layers.Dense(plan["width"], name=f"{name}_vector")(x)


def _network(found, widths, dropout, name):
    x = _joined(found, f"{name}_in")
    for index, width in enumerate(widths):
        x = layers.Dense(width, activation="relu", name=f"{name}{index}")(x)
        if dropout:
            x = layers.Dropout(dropout, name=f"{name}{index}_dropout")(x)
    return x


def _joined(found, name):
    if len(found) == 1:
        return found[0]
    return layers.Concatenate(name=name)(found)
