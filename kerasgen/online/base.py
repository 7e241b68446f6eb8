"""Adapter: a model that goes on adapting while it predicts."""

import keras
from keras import ops

from kerasgen.core import (
    Int,
    check_arguments,
    instance,
    message,
    one_of,
    value_and_gradients,
)
from kerasgen.online.memory import Memory, spread
from kerasgen.online.normalization import (
    ALPHA,
    PRIOR,
    StreamNormalization,
    restated,
)

# Statistics of the batch, the prior of the source, and the guard.
STREAM = {"alpha": ALPHA, "prior": PRIOR, "memory": Int(0)}
_NORMS = (
    keras.layers.BatchNormalization,
    keras.layers.GroupNormalization,
    keras.layers.LayerNormalization,
)


class Adapter(keras.Model):
    """Wraps a trained model; `predict` adapts by each batch it answers.

    The model is copied and stays as it is. `predict` and `predict_on_batch`
    adapt; calling the adapter answers by what was learnt so far and changes
    nothing; `reset` goes back to the source. Batches of 64 and more are
    wanted: a batch is what the adapter knows of the stream.

    With a `memory`, statistics and losses come from the latest examples of
    each guessed class instead of from the batch alone, the statistics count
    the less the fewer classes are in it, and weights that make the memory's
    examples alike go back to the source. That keeps a stream whose classes
    come one after the other from ruining the model.

    A subclass declares `arguments` and, where it moves weights, `weigh`.

    Args:
        model: keras.Model, logits out.
        name: str, the name of the Keras model.
        **values: the subclass's declared arguments.

    Attributes:
        arguments: mapping of argument name to its range.
        learns: bool, whether weights move, not only statistics.
    """

    arguments = STREAM
    learns = False

    def __init__(self, model, *, name=None, **values):
        where = type(self).__name__
        instance(where, "model", model, keras.Model)
        for key in values:
            one_of(where, "argument", key, self.arguments)
        values = check_arguments(where, self.arguments, values)
        super().__init__(name=name or where.lower())
        self._values = values
        for key, value in values.items():
            setattr(self, key, value)
        self.model = restated(model, self.alpha, self.prior)
        norms = [x for x in self.model._flatten_layers() if _norm(x)]
        self.streams = [x for x in norms if isinstance(x, StreamNormalization)]
        self._check(where, norms)
        self.recent = self._remember(where)
        self.moved = self._choose(norms) if self.learns else []
        self.home = [
            self.add_weight(
                shape=variable.shape,
                initializer="zeros",
                dtype=variable.dtype,
                trainable=False,
                name=f"home_{index}",
            )
            for index, variable in enumerate(self.moved)
        ]
        for place, variable in zip(self.home, self.moved, strict=True):
            place.assign(variable)
        if self.learns:
            self.descent = keras.optimizers.Adam(self.learning_rate)
            self.descent.build(self.moved)
        # Without XLA, which is slower for a step on most processors.
        self.jit_compile = False
        self.built = True

    def _check(self, where, norms):
        if norms if self.learns else self.streams:
            return
        kind = "normalization" if self.learns else "batch normalization"
        raise ValueError(
            message(
                where,
                f"the model must have layers of {kind}",
                {"model": self.model.name},
                "Train one that has, such as "
                "image_classifier(..., normalization='batch').",
            )
        )

    def _remember(self, where):
        if not self.memory:
            return None
        shape = getattr(self.model, "input_shape", None)
        outputs = getattr(self.model, "output_shape", None)
        fits = isinstance(shape, tuple) and isinstance(outputs, tuple)
        if not fits or None in shape[1:] or len(outputs) != 2 or outputs[1] < 2:
            raise ValueError(
                message(
                    where,
                    "a memory needs one input of a known shape and logits of "
                    "two classes or more",
                    {"input_shape": shape, "output_shape": outputs},
                    "Pass memory=0.",
                )
            )
        return Memory(
            self.memory, shape[1:], outputs[1], self.model.inputs[0].dtype
        )

    def _choose(self, norms):
        """Lets scale and offset of normalization move, and nothing else."""
        self.model.trainable = False
        for layer in norms:
            layer.trainable = True
        return [
            variable
            for layer in norms
            for variable in layer.trainable_variables
        ]

    def build(self, input_shape=None):
        """Marks the adapter as built: its model is."""
        self.built = True

    def call(self, x, training=False):
        """Answers by what was learnt so far, and learns nothing.

        Args:
            x: the model's input.
            training: bool, without effect.

        Returns:
            The model's outputs.
        """
        return self._look(x)[0]

    def _look(self, x):
        """Runs the model on a batch, and on the memory beside it.

        Gives the outputs for the batch and those that a loss may see, with
        what each of these counts.
        """
        if self.recent is None:
            outputs = self.model(x, training=False)
            return outputs, outputs, ops.ones((ops.shape(outputs)[0],))
        held = ops.convert_to_tensor(self.recent.x)
        rows = self.recent.rows()
        x = ops.convert_to_tensor(x, held.dtype)
        counts = ops.concatenate([rows, ops.zeros((ops.shape(x)[0],))])
        trust = self.recent.variety()
        try:
            for layer in self.streams:
                layer.evidence = counts, trust
            outputs = self.model(ops.concatenate([held, x]), training=False)
        finally:
            for layer in self.streams:
                layer.evidence = None
        return outputs[self.memory :], outputs[: self.memory], rows

    def adapt(self, x):
        """Answers a batch, and learns from it.

        Args:
            x: the model's input.

        Returns:
            The model's outputs, as they were before the weights moved.
        """
        if self.recent is not None:
            # What comes first is remembered first: there is nothing else.
            ops.cond(
                ops.any(self.recent.label >= 0),
                lambda: True,
                lambda: self._store(x, self._look(x)[0]),
            )
        outputs = self._learn(x) if self.learns else self._look(x)[0]
        if self.recent is not None:
            self._store(x, outputs)
        return outputs

    def _store(self, x, outputs):
        self.recent.update(x, ops.argmax(outputs, -1))
        return True

    def _learn(self, x):
        aside = {}

        def objective():
            outputs, seen, rows = self._look(x)
            aside.update(seen=seen, rows=rows)
            return {"loss": self.loss_of(seen, rows)}, outputs

        terms, outputs, gradients = value_and_gradients(objective, self.moved)
        ops.cond(
            ops.isfinite(terms["loss"]),
            lambda: _done(self.descent.apply(gradients, self.moved)),
            lambda: False,
        )
        if self.recent is not None:
            fallen = self._fallen(aside["seen"], aside["rows"])
            ops.cond(fallen, self._go_home, lambda: False)
        return outputs

    def _fallen(self, seen, rows):
        """Says whether weights took away most of the memory's classes."""
        kinds = self.recent.classes
        now = ops.one_hot(ops.argmax(seen, -1), kinds) * rows[:, None]
        held = ops.one_hot(self.recent.label, kinds)
        return spread(ops.sum(now, 0)) < 0.5 * spread(ops.sum(held, 0))

    def _go_home(self):
        for place, variable in zip(self.home, self.moved, strict=True):
            variable.assign(place)
        for variable in self.descent.variables:
            if variable is not self.descent._learning_rate:
                variable.assign(ops.zeros_like(variable))
        return True

    def loss_of(self, logits, rows):
        """Says what is minimised; a subclass that learns writes this.

        Args:
            logits: float tensor (n, ..., classes).
            rows: float tensor (n,), what each example counts.

        Returns:
            float scalar.
        """
        raise NotImplementedError

    def reset(self):
        """Goes back to the source: weights, optimizer and memory."""
        if self.learns:
            self._go_home()
        if self.recent is not None:
            self.recent.clear()

    def predict_step(self, data):
        """Answers a batch, and learns from it; `predict` calls this.

        Args:
            data: what the data set yields.

        Returns:
            The model's outputs.
        """
        return self.adapt(keras.utils.unpack_x_y_sample_weight(data)[0])

    def served(self):
        """Copies what can be served without the adapter.

        Scales and offsets stay as they are by now; each batch is normalised
        by `alpha` and `prior`. Nothing is learnt or remembered: requests
        run side by side, in any order and on several machines.

        Returns:
            keras.Model, plain.
        """
        return restated(self.model, self.alpha, self.prior)

    def get_config(self):
        """Gives the model and the declared arguments."""
        model = keras.saving.serialize_keras_object(self.model)
        return {"name": self.name, "model": model, **self._values}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Makes the adapter from its configuration."""
        config = dict(config)
        config["model"] = keras.saving.deserialize_keras_object(
            config["model"], custom_objects=custom_objects
        )
        return cls(**config)


def _norm(layer):
    return isinstance(layer, _NORMS)


def _done(_):
    return True
