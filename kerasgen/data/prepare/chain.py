"""Chain: transforms after each other, learnt from one pass."""

import types

import numpy as np
import tensorflow as tf

from kerasgen.data.prepare.sketch import Sample

_CHUNK = 512


class Chain:
    """Learns a list of transforms from one pass over train.

    The first that learns sees every example. Those after it depend on what
    it learnt, which one pass can't give them in time: they learn from a
    uniform sample of what came to the first one. The sample is the whole
    split up to 65,536 examples and a quarter of a gigabyte, and then nothing
    is lost.

    Args:
        layers: list of Transform, unfitted.
        seed: int, of the sample.

    Example:
        >>> from kerasgen.data.prepare.scale import Scale, Standardize
        >>> chain = Chain([Scale(), Standardize()])
        >>> chain.update(np.array([[0.0], [4.0]]))
        >>> chain.finish()[1].mean
        [0.5]
    """

    def __init__(self, layers, seed=0):
        self.layers = list(layers)
        learners = [i for i, part in enumerate(layers) if part.learns]
        self._first = learners[0] if learners else None
        self._last = learners[-1] if learners else None
        self._sample = Sample(seed) if len(learners) > 1 else None
        self._begun = False

    @property
    def learns(self):
        """bool, whether any of them learns."""
        return self._first is not None

    def update(self, batch):
        """Takes in one batch (n, ...), numbers or strings."""
        if not self.learns or not len(batch):
            return
        x = self._through(batch, 0, self._first)
        if not self._begun:
            self.layers[self._first].start()
            self._begun = True
        self.layers[self._first].update(x)
        if self._sample is not None:
            self._sample.update(x)

    def finish(self):
        """Ends the pass; gives the fitted layers.

        Raises:
            ValueError: where no example came.
        """
        if not self.learns:
            return self.layers
        if not self._begun:
            self.layers[self._first].start()
        self.layers[self._first].finish()
        for place in range(self._first + 1, self._last + 1):
            layer = self.layers[place]
            if not layer.learns:
                continue
            rows = self._sample.rows()
            layer.start()
            for start in range(0, len(rows), _CHUNK):
                part = rows[start : start + _CHUNK]
                layer.update(self._through(part, self._first, place))
            layer.finish()
        return self.layers

    def _through(self, batch, start, stop):
        for layer in self.layers[start:stop]:
            x = tf.convert_to_tensor(batch)
            kind = types.SimpleNamespace(shape=x.shape, dtype=x.dtype.name)
            layer.compute_output_spec(kind)
            batch = layer(x).numpy()
        return np.asarray(batch)
