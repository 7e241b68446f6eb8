"""Transform: a Keras layer that learns from one pass over train."""

import types

import keras
import numpy as np

from kerasgen.core import Choice, check_arguments, message

AXES = ("channel", "feature", "image")
AXIS = Choice(AXES)
LEARNT_AXIS = Choice(AXES[:2])


class Transform(keras.layers.Layer):
    """What every transform is: a layer from a batch to a batch.

    A subclass declares `arguments`, writes `transform(x)`, and where it
    learns, `_begin(shape)`, `_take(batch)` and `_end()`, which gives the
    values of JSON that it keeps as `learnt`.

    Args:
        learnt: dict of JSON values that an earlier pass learnt, or None.
        **values: the subclass's own arguments, and those of
            `keras.layers.Layer`.

    Raises:
        ValueError: for an argument out of range.

    Attributes:
        arguments: mapping of argument name to its range.
        takes: "number", "string" or "any", the input that it fits.
        gives: "number" or "string"; None gives what came.
        kinds: tuple of the kinds of data that it is for, or None for all.
        learns: bool, whether it must be adapted.
    """

    arguments = {}
    kinds = None
    takes = "number"
    gives = "number"
    learns = True

    def __init__(self, learnt=None, **values):
        own = {k: values.pop(k) for k in self.arguments if k in values}
        # Statistics and ids must not be rounded by a policy of half floats.
        values.setdefault("dtype", "float32")
        super().__init__(autocast=False, **values)
        own = check_arguments(type(self).__name__, self.arguments, own)
        for name, value in own.items():
            setattr(self, name, value)
        # Out of the sight of Keras, which would wrap lists and dicts.
        self._kept = types.SimpleNamespace(learnt=None, work=None)
        if learnt is not None:
            self._settle(learnt)

    @property
    def learnt(self):
        """dict of JSON values, or None before `adapt`."""
        return self._kept.learnt

    @property
    def ready(self):
        """bool, whether it can be called."""
        return not self.learns or self.learnt is not None

    def adapt(self, batches):
        """Learns from one pass.

        Args:
            batches: array (n, ...), or an iterable of such arrays.

        Returns:
            The layer.

        Raises:
            ValueError: where nothing comes, or what doesn't fit.
        """
        self.start()
        batches = [batches] if isinstance(batches, np.ndarray) else batches
        for batch in batches:
            self.update(batch)
        return self.finish()

    def start(self):
        """Begins a pass."""
        self._kept.work = types.SimpleNamespace(shape=None)

    def update(self, batch):
        """Takes in one batch (n, ...) of train; an empty one is left out."""
        batch = np.asarray(batch)
        work = self._kept.work
        if not len(batch):
            return
        if work.shape is None:
            work.shape = batch.shape[1:]
            self.check(work.shape, _kind(batch.dtype))
            if self.learns:
                self._begin(work.shape)
        if batch.shape[1:] != work.shape:
            raise ValueError(
                message(
                    type(self).__name__,
                    f"all batches must have examples of shape {work.shape}",
                    {"shape": batch.shape[1:]},
                )
            )
        if self.learns:
            self._take(batch)

    def finish(self):
        """Ends a pass, and keeps what was learnt; gives the layer.

        Raises:
            ValueError: where no example came.
        """
        work = self._kept.work
        if work is None or work.shape is None:
            raise ValueError(
                message(
                    type(self).__name__, "there must be examples to learn from"
                )
            )
        if self.learns:
            self._settle(self._end())
        self._kept.work = None
        return self

    def check(self, shape, kind):
        """Refuses what doesn't fit.

        Args:
            shape: tuple, of one example.
            kind: "number" or "string".

        Raises:
            ValueError: for numbers instead of strings, or the other way
                round; subclasses look at the shape too.
        """
        if self.takes not in ("any", kind):
            raise ValueError(
                message(
                    type(self).__name__,
                    f"it takes {self.takes}s",
                    {"came": f"{kind}s"},
                )
            )
        if self.takes == "number" and not shape:
            raise ValueError(
                message(
                    type(self).__name__,
                    "an example must have an axis at least, (batch, features)",
                    {"shape of an example": tuple(shape)},
                )
            )

    def shape_of(self, shape):
        """Gives the shape of one example that comes out."""
        return tuple(shape)

    def type_of(self, dtype):
        """Gives the dtype that comes out."""
        return "string" if self.gives == "string" else "float32"

    def transform(self, x):
        """Does the work on a batch, with TensorFlow's operations alone."""
        raise NotImplementedError(type(self).__name__)

    def call(self, inputs):
        """Transforms a batch.

        Args:
            inputs: numbers or strings (batch, ...).

        Returns:
            tensor (batch, ...).

        Raises:
            ValueError: before it was adapted.
        """
        self._must_be_ready()
        return self.transform(inputs)

    def compute_output_spec(self, inputs):
        """Gives the shape and dtype that come out."""
        self._must_be_ready()
        shape = tuple(inputs.shape[1:])
        self.check(shape, _kind(inputs.dtype))
        return keras.KerasTensor(
            (inputs.shape[0], *self.shape_of(shape)), self.type_of(inputs.dtype)
        )

    def get_config(self):
        """Gives the arguments and what was learnt."""
        own = {name: getattr(self, name) for name in self.arguments}
        return {**super().get_config(), **own, "learnt": self.learnt}

    def own(self):
        """Gives the own arguments, without what was learnt."""
        return {name: getattr(self, name) for name in self.arguments}

    def _must_be_ready(self):
        if not self.ready:
            raise ValueError(
                message(
                    type(self).__name__,
                    "it must learn before it is called",
                    None,
                    "Call adapt(train examples), or load its `learnt`.",
                )
            )

    def _settle(self, learnt):
        self._kept.learnt = learnt

    def _begin(self, shape):
        raise NotImplementedError(type(self).__name__)

    def _take(self, batch):
        raise NotImplementedError(type(self).__name__)

    def _end(self):
        raise NotImplementedError(type(self).__name__)


class ByAxis(Transform):
    """A transform of numbers with its own statistics for each place.

    `axis` says for what: "channel" for each place on the last axis, over
    examples and all other axes; "feature" for each place in an example;
    "image" for each example from itself, so that nothing is learnt.

    Args:
        axis: "channel", "feature" or "image".
        **values: further arguments.
    """

    def __init__(self, axis="channel", **values):
        super().__init__(axis=axis, **values)

    @property
    def learns(self):
        """bool, whether it must be adapted."""
        return self.axis != "image"

    def check(self, shape, kind):
        """Refuses what doesn't fit, also another shape than was learnt."""
        super().check(shape, kind)
        places = self._places(shape)
        if places is None:
            raise ValueError(
                message(
                    type(self).__name__,
                    f"sizes must be known for axis={self.axis!r}",
                    {"shape of an example": tuple(shape)},
                )
            )
        known = self.learnt and self.learnt.get("places")
        if known and known != places:
            raise ValueError(
                message(
                    type(self).__name__,
                    f"it learnt {known} {self.axis}s",
                    {"came": places, "shape of an example": tuple(shape)},
                )
            )

    def rows(self, batch):
        """Puts a batch into rows (n, places)."""
        if self.axis == "channel":
            return batch.reshape(-1, batch.shape[-1])
        return batch.reshape(len(batch), -1)

    def value(self, name, shape, dtype="float32"):
        """Gives a learnt statistic so that it fits beside a batch."""
        values = np.asarray(self.learnt[name], "float64").astype(dtype)
        return values.reshape(shape[1:]) if self.axis == "feature" else values

    def _places(self, shape):
        if self.axis == "image":
            return 1
        sizes = shape[-1:] if self.axis == "channel" else shape
        return None if None in sizes else int(np.prod(sizes))


def _kind(dtype):
    if isinstance(dtype, np.dtype):
        return "string" if dtype.kind in "OSU" else "number"
    name = getattr(dtype, "name", None) or str(dtype)
    return "string" if name in ("string", "str") else "number"
