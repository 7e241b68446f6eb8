"""Stacks of recurrent layers whose gates can be read."""

from keras import layers, ops

from kerasgen.core import Choice, Float, Int, message, register
from kerasgen.layers.base import Checked

_GATES = {
    "lstm": ("input", "forget", "candidate", "output"),
    "gru": ("update", "reset", "candidate"),
}


@register("layer")
class RecurrentStack(Checked):
    """LSTM or GRU layers after each other, each step's state out.

    `gates` tells what the gates of a layer did, so that it can be seen what
    is kept and what forgotten.

    Args:
        cell: "lstm" or "gru".
        units: int >= 1, the units of each direction.
        depth: int >= 1, the number of layers.
        bidirectional: bool, whether each layer reads both ways.
        dropout: float in [0, 0.9], the rate on what comes into a layer; the
            same places of all steps are dropped.
        recurrent_dropout: float in [0, 0.9], the rate on the state.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, features).
        mask: bool tensor (batch, time), or None; one that comes with `x` is
            taken by itself, and kept.

    Raises:
        ValueError: for an argument out of range.

    Source:
        LSTM: Hochreiter & Schmidhuber, 1997, with the forget gate of Gers et
        al., 2000; GRU: Cho et al., 2014, arXiv:1406.1078; both ways: Schuster
        & Paliwal, 1997; dropout: Gal & Ghahramani, 2016, arXiv:1512.05287.

    Example:
        >>> layer = RecurrentStack("gru", 4, bidirectional=True)
        >>> layer(ops.ones((1, 5, 3))).shape
        TensorShape([1, 5, 8])
        >>> sorted(layer.gates(ops.ones((1, 5, 3))))
        ['candidate', 'reset', 'update']
    """

    arguments = {
        "cell": Choice(("lstm", "gru"), search=("lstm", "gru")),
        "units": Int(1, search=(16, 256), log=True),
        "depth": Int(1, 16, search=(1, 3)),
        "bidirectional": Choice((False, True)),
        "dropout": Float(0.0, 0.9, search=(0.0, 0.5)),
        "recurrent_dropout": Float(0.0, 0.9, search=(0.0, 0.3)),
    }

    def __init__(
        self,
        cell="lstm",
        units=64,
        depth=1,
        bidirectional=False,
        dropout=0.0,
        recurrent_dropout=0.0,
        **kwargs,
    ):
        values = {"cell": cell, "units": units, "depth": depth}
        values |= {"bidirectional": bidirectional, "dropout": dropout}
        super().__init__(
            {**values, "recurrent_dropout": recurrent_dropout}, **kwargs
        )
        self.parts = [self._layer(place) for place in range(depth)]

    def _layer(self, place):
        made = self.part(
            layers.LSTM if self.cell == "lstm" else layers.GRU,
            self.units,
            return_sequences=True,
            dropout=self.dropout,
            recurrent_dropout=self.recurrent_dropout,
            name=f"{self.cell}{place}",
        )
        if self.bidirectional:
            made = self.part(layers.Bidirectional, made, name=f"both{place}")
        return made

    def build(self, x_shape):
        """Makes the layers."""
        for part in self.parts:
            part.build(x_shape)
            x_shape = self.compute_output_shape(x_shape)

    def call(self, x, mask=None, training=False):
        """Reads the steps."""
        for part in self.parts:
            x = part(x, mask=mask, training=training)
        return x

    def gates(self, x, mask=None, layer=-1):
        """Tells what the gates of a layer are at each step, at inference.

        Args:
            x: float tensor (batch, time, features).
            mask: bool tensor (batch, time), or None; gates of steps that it
                leaves out mean nothing.
            layer: int, the place of the layer in the stack.

        Returns:
            dict of gate to float tensor (batch, time, units), of both
            directions side by side where there are two: `input`, `forget` and
            `output` of an LSTM, `update` and `reset` of a GRU, each from 0 to
            1, and `candidate`, what could be written, from -1 to 1.

        Raises:
            ValueError: where there is no such layer.
        """
        if not -self.depth <= layer < self.depth:
            raise ValueError(
                message(
                    "RecurrentStack",
                    f"`layer` must be below {self.depth}",
                    {"layer": layer},
                )
            )
        layer = layer % self.depth
        for part in self.parts[:layer]:
            x = part(x, mask=mask, training=False)
        part = self.parts[layer]
        states = part(x, mask=mask, training=False)
        if not self.bidirectional:
            return self._read(part.cell, x, _later(states))
        ahead = self._read(
            part.forward_layer.cell, x, _later(states[..., : self.units])
        )
        back = self._read(
            part.backward_layer.cell, x, _sooner(states[..., self.units :])
        )
        return {
            name: ops.concatenate([ahead[name], back[name]], -1)
            for name in ahead
        }

    def _read(self, cell, x, state):
        """The gates follow from the inputs and the states before them."""
        x, state = ops.cast(x, "float32"), ops.cast(state, "float32")
        given = ops.matmul(x, cell.kernel)
        kept = ops.matmul(state, cell.recurrent_kernel)
        if self.cell == "lstm":
            found = ops.split(given + kept + cell.bias, 4, -1)
            found = [
                ops.tanh(each) if place == 2 else ops.sigmoid(each)
                for place, each in enumerate(found)
            ]
        else:
            given = ops.split(given + cell.bias[0], 3, -1)
            kept = ops.split(kept + cell.bias[1], 3, -1)
            update = ops.sigmoid(given[0] + kept[0])
            reset = ops.sigmoid(given[1] + kept[1])
            found = update, reset, ops.tanh(given[2] + reset * kept[2])
        return dict(zip(_GATES[self.cell], found, strict=True))

    def compute_output_shape(self, x_shape):
        """Gives (batch, time, units), twice as many for both ways."""
        return (*x_shape[:-1], self.units * (1 + self.bidirectional))


def _later(x):
    """Each step's value at the next step; zero at the first."""
    return ops.concatenate([ops.zeros_like(x[:, :1]), x[:, :-1]], 1)


def _sooner(x):
    """Each step's value at the step before; zero at the last."""
    return ops.concatenate([x[:, 1:], ops.zeros_like(x[:, :1])], 1)
