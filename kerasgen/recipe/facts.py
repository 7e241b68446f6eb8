"""Facts of data that factories ask for by the names of their arguments."""

import numpy as np

from kerasgen.core import message

# A table of users by items up to so many cells is part of a model.
_CELLS = 2**24


class Facts:
    """Tells what a factory asks about data, each when it is asked for.

    Args:
        data: Data.

    Attributes:
        names: tuple of str, what can be asked.

    Example:
        >>> from kerasgen.data import load
        >>> Facts(load("wine")).get("classes")
        3
    """

    names = (
        *("shape", "classes", "units", "categories"),
        *("users", "items", "history", "tags", "vocabulary"),
        *("clusters", "topics", "sample_rate", "words"),
        *("symbols", "tasks"),
    )

    def __init__(self, data):
        self.data = data

    def get(self, name):
        """Gives a fact, or None where the data have no such."""
        return getattr(self, f"_{name}")()

    def needed(self, name, where):
        """Gives a fact that must be there.

        Args:
            name: str, one of `names`.
            where: str, who asks.

        Returns:
            The fact.

        Raises:
            ValueError: where the data have no such.
        """
        found = self.get(name)
        if found is None:
            raise ValueError(
                message(
                    where,
                    f"the data must tell `{name}`",
                    {"data": self.data.name, "target": self._target},
                    'Ratings are loaded with kind="ratings".'
                    if name in ("users", "items")
                    else None,
                )
            )
        return found

    @property
    def _target(self):
        return self.data.schema.target

    def _shape(self):
        return self.data.shape

    def _classes(self):
        return self.data.classes or self._units()

    def _units(self):
        return getattr(self.data.task, "units", None)

    def _sample_rate(self):
        return self.data.schema.rate

    def _words(self):
        return self._units() if self._target == "text" else None

    def _symbols(self):
        return self._units() - 1 if self._target == "symbols" else None

    def _tasks(self):
        """The tasks of several outputs, by name."""
        return getattr(self.data.task, "tasks", None)

    def _clusters(self):
        return getattr(self.data.task, "clusters", None)

    def _topics(self):
        return getattr(self.data.task, "topics", None)

    def _tags(self):
        return self._units() if self._target == "tags" else None

    def _vocabulary(self):
        """The words that numbers of tokens stand for."""
        layers = self.data.prepare.layers
        found = [getattr(layer, "vocabulary", None) for layer in layers]
        return next((words for words in reversed(found) if words), None)

    def _categories(self):
        """Pairs of place and size of the columns that number categories."""
        return tuple(self.data.indexed.items()) or None

    def _ids(self):
        """The sizes of the last columns: user, and item where it's told."""
        indexed, width = self.data.indexed, self.data.shape[-1]
        count = 1 if self._target == "item" else 2
        places = range(width - count, width)
        if not all(place in indexed for place in places):
            return None
        return [indexed[place] - 1 for place in places]

    def _users(self):
        ids = self._ids()
        return ids and ids[0]

    def _items(self):
        if self._target == "item":
            return self.data.task.items
        ids = self._ids()
        return ids and ids[1]

    def _history(self):
        """What each user gave to each item in train, NaN where nothing."""
        users, items = self._users(), self._items()
        if not users or not items or (users + 1) * (items + 1) > _CELLS:
            return None
        x, y = self.data.tensors("train")
        given = np.full((users + 1, items + 1), np.nan, "float32")
        if self._target == "item":
            given[x[:, -1].astype("int64"), y + 1] = 1.0
        else:
            task = self.data.task
            y = (y - task.mean) / task.scale
            given[x[:, -2].astype("int64"), x[:, -1].astype("int64")] = y
        given[0], given[:, 0] = np.nan, np.nan
        return given
