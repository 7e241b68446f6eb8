"""Method: how weights are learnt, as a `keras.Model` around a model."""

import keras
import tensorflow as tf
from keras import ops

from kerasgen.core import (
    check_arguments,
    create,
    inputs_of,
    instance,
    message,
    one_of,
    same_shapes,
    unpack,
    widths,
)
from kerasgen.methods.epoch import told
from kerasgen.methods.penalties import penalties
from kerasgen.methods.phase import Phase
from kerasgen.methods.step import move_if


class Method(keras.Model):
    """Trains `model` on `task`; a subclass writes `objective(batch)`.

    The base stores, checks and serialises what the subclass declares in
    `arguments`, sums the terms of the objective, lets its step turn gradients
    into a move, logs each term by name, and keeps Keras's own `fit`,
    `evaluate`, `predict`, `save` and `load_model`. The trained network is
    `method.model`, a plain Keras model.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.
        **values: the subclass's declared arguments.

    Attributes:
        arguments: mapping of argument name to its range.
        needs: tuple of the fields beyond `(x, y, weight)` that a batch must
            have.
        terms: tuple of the names of the objective's terms, where there is
            more than one.
    """

    arguments = {}
    needs = ()
    terms = ()

    def __init__(self, model, task, *, step="descent", name=None, **values):
        where = type(self).__name__
        if keras.backend.backend() != "tensorflow":
            raise RuntimeError(
                message(
                    where,
                    "methods train with the TensorFlow backend of Keras",
                    {"backend": keras.backend.backend()},
                    "Set KERAS_BACKEND=tensorflow before the import.",
                )
            )
        instance(where, "model", model, keras.Model)
        for key in values:
            one_of(where, "argument", key, self.arguments)
        values = check_arguments(where, self.arguments, values)
        super().__init__(name=name or where.lower())
        self.model = model
        self.task = task
        self.step = create("step", step)
        self._values = values
        for key, value in values.items():
            setattr(self, key, value)
        self._check_outputs(where)
        self.built = model.built
        # Called in the graph after each step; callbacks put themselves here.
        self.hooks = []

    def _check_outputs(self, where):
        found = widths(self.model)
        if found is not None and found != self.task.units:
            raise ValueError(
                message(
                    where,
                    f"the model must give {self.task.units} outputs for "
                    f"{type(self.task).__name__}",
                    {"outputs": found},
                )
            )

    def build(self, input_shape=None):
        """Marks the method as built: its model is."""
        self.built = True

    def call(self, x, training=False):
        """Runs the model on a batch's first entry.

        Args:
            x: the model's input, or a dict with `inputs` and further fields.
            training: bool.

        Returns:
            The model's outputs.
        """
        return self.model(inputs_of(x), training=training)

    def objective(self, batch):
        """Says what is minimised; a subclass writes this.

        Args:
            batch: dict with `x`, `y`, `weight` and what `needs` names.

        Returns:
            dict of scalar terms, and the model's outputs.
        """
        raise NotImplementedError

    def players(self):
        """Names the groups of variables that move by an optimizer each."""
        return {"model": self.model.trainable_variables}

    def phases(self):
        """Lists the moves of one training step, in order."""
        return [Phase(self.objective)]

    def settle(self, batch, outputs):
        """Does what belongs behind the moves of a batch; nothing by default.

        What a method remembers of examples is written here, since a step may
        ask for an objective more than once.

        Args:
            batch: dict with `x`, `y`, `weight` and what `needs` names.
            outputs: the model's outputs before the move.
        """

    def normalized(self, batch):
        """Gives the inputs that moving statistics of normalization are of.

        Args:
            batch: dict with `x`, `y`, `weight` and what `needs` names.

        Returns:
            Inputs of the model.
        """
        return batch["x"]

    def task_loss(self, batch, outputs):
        """Applies the task's loss, scaled for replicas.

        Args:
            batch: dict with `y` and maybe `weight`.
            outputs: the model's outputs.

        Returns:
            float scalar.
        """
        return self._task_loss(
            batch["y"], outputs, sample_weight=batch["weight"]
        )

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """Gives the loss that `evaluate` shows; see `keras.Model`."""
        if isinstance(y_pred, dict):
            # Keras would want a loss for each output; here it is one.
            return self._task_loss(y, y_pred, sample_weight=sample_weight)
        return super().compute_loss(x, y, y_pred, sample_weight, training)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Counts a batch, and gives what metrics show; see `keras.Model`."""
        for metric in self._whole:
            metric.update_state(y, y_pred, sample_weight)
        return super().compute_metrics(x, y, y_pred, sample_weight)

    def distributions(self, y):
        """Writes labels as distributions over the task's classes.

        Args:
            y: (batch,) or (batch, 1) whole numbers, or (batch, classes).

        Returns:
            float tensor (batch, classes).
        """
        classes = self.task.classes
        if len(y.shape) == 2 and y.shape[-1] == classes:
            return ops.cast(y, "float32")
        return ops.one_hot(ops.reshape(ops.cast(y, "int32"), (-1,)), classes)

    def compile(self, optimizer="adam", metrics=None, **kwargs):
        """Sets the optimizer; loss and metrics are the task's.

        Args:
            optimizer: keras optimizer, its name, or a mapping of the name of
                a registered one and its arguments. Each player gets a copy.
            metrics: list of metrics instead of the task's: registered names
                such as "f1", mappings of `name` and arguments, or what Keras
                takes; of several tasks a dict of such lists; or None.
            **kwargs: further arguments of `keras.Model.compile`, except
                `loss`, which the task decides.

        Raises:
            TypeError: for an argument `loss`.
        """
        if "loss" in kwargs:
            raise TypeError(
                message(
                    "Method.compile",
                    "the task decides the loss",
                    {"loss": kwargs["loss"]},
                    "Pass it to the task instead.",
                )
            )
        if isinstance(optimizer, dict):
            optimizer = create("optimizer", optimizer)
        self._task_loss = self.task.loss()
        if metrics is None:
            metrics = self.task.metrics()
        else:
            metrics = self.task.shown(metrics)
        # Of a dict of outputs: a list is of metrics that see all of it.
        several = isinstance(self.task.units, dict)
        self._whole = list(metrics) if isinstance(metrics, list) else []
        self._whole = self._whole if several else []
        metrics = None if self._whole else metrics
        super().compile(
            optimizer=optimizer, loss=self._task_loss, metrics=metrics, **kwargs
        )
        self._means = [keras.metrics.Mean(name=name) for name in self.terms]
        config = keras.optimizers.serialize(self.optimizer)
        self._rivals = {}
        owners = {phase.owner for phase in self.phases()}
        for player, variables in self.players().items():
            if player == "model":
                self.optimizer.build(variables)
            if player == "model" or player not in owners:
                continue
            self._rivals[player] = keras.optimizers.deserialize(config)
            self._rivals[player].build(variables)
        self._remember()

    def _remember(self):
        """Gives the step its memory, a new one each time."""
        for old in getattr(self, "_remembered", ()):
            self._tracker.untrack(old)
        players = self.players()
        moves = [
            self.differentiated(players[phase.player])
            for phase in self.phases()
        ]
        self._remembered = self.step.build(moves)

    @property
    def optimizers(self):
        """dict of player to the optimizer that moves it."""
        return {"model": self.optimizer, **self._rivals}

    def get_compile_config(self):
        """Gives what `compile_from_config` needs, or None before `compile`."""
        if not self.compiled:
            return None
        return {"optimizer": keras.optimizers.serialize(self.optimizer)}

    def compile_from_config(self, config):
        """Compiles a method that was loaded, so that it can go on."""
        self.compile(keras.optimizers.deserialize(config["optimizer"]))

    def fit(self, x=None, *args, **kwargs):
        """Trains, as `keras.Model.fit` does.

        Data that know their epoch (`Data.batches`) are told which one begins,
        so that a resumed run sees the same batches as an uninterrupted one.

        Args:
            x: tf.data.Dataset, or whatever `keras.Model.fit` takes.
            *args: further arguments of `keras.Model.fit`.
            **kwargs: further arguments of `keras.Model.fit`.

        Returns:
            keras.callbacks.History.
        """
        self.training_data = x
        if isinstance(x, tf.data.Dataset):
            kwargs.setdefault("shuffle", False)
        kwargs["callbacks"] = told(x, kwargs.pop("callbacks", None))
        try:
            return super().fit(x, *args, **kwargs)
        finally:
            self.training_data = None

    def train_step(self, data):
        """Makes the moves of one batch.

        Args:
            data: what the data set yields.

        Returns:
            dict of metric name to its running value.
        """
        batch = unpack(data)
        for need in self.needs:
            one_of(type(self).__name__, "needs", need, batch)
        same_shapes(type(self).__name__, batch)
        everything, outputs = {}, None
        for place, phase in enumerate(self.phases()):
            step = self.step.at(place, self._remembered)
            terms, seen = self._move(phase, batch, step)
            everything.update(terms)
            outputs = seen if seen is not None else outputs
        self.settle(batch, outputs)
        for hook in self.hooks:
            hook()
        total = sum(everything.values())
        size = ops.shape(tf.nest.flatten(batch["x"])[0])[0]
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        self._loss_tracker.update_state(total * replicas, sample_weight=size)
        for mean in self._means:
            value = everything[mean.name] * replicas
            mean.update_state(value, sample_weight=size)
        logs = self.compute_metrics(
            batch["x"], batch["y"], outputs, batch["weight"]
        )
        return {**logs, **{mean.name: mean.result() for mean in self._means}}

    def gradients(self, step, objective, variables, state, scale=None):
        """Asks a step for gradients; see `Step.gradients`.

        Args:
            step: Step of this move.
            objective: callable to terms and outputs.
            variables: list of what `differentiated` gives.
            state: list of variables that must move only once.
            scale: callable of a loss-scaling optimizer, or None.

        Returns:
            Terms, outputs, and a gradient for each variable that moves.
        """
        return step.gradients(objective, variables, state, scale)

    def differentiated(self, variables):
        """Lists what gradients are taken by, where more than the movers."""
        return variables

    def _move(self, phase, batch, step):
        variables = self.players()[phase.player]
        optimizer = self.optimizers[phase.owner]
        steps = tf.identity(optimizer.iterations.value)
        state = [
            variable
            for variable in self.model.non_trainable_variables
            if "seed_generator" not in variable.path
        ]

        def objective():
            terms, outputs = phase.objective(batch)
            own = phase.player == "model"
            return {**terms, **(penalties(self.model) if own else {})}, outputs

        terms, outputs, gradients = self.gradients(
            step,
            objective,
            self.differentiated(variables),
            state,
            optimizer.scale_loss,
        )
        for term in terms:
            known = (*(self.terms or ("task",)), "penalty")
            one_of("objective", "term", term, known)
        finite = ops.isfinite(sum(terms.values()))
        move_if(finite, optimizer, gradients, variables)
        if phase.owner != phase.player:
            optimizer.iterations.assign(steps)
        return terms, outputs

    def get_config(self):
        """Gives model, task, step and the declared arguments."""
        parts = {"model": self.model, "task": self.task, "step": self.step}
        return {
            "name": self.name,
            **{
                k: keras.saving.serialize_keras_object(v)
                for k, v in parts.items()
            },
            **self._values,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Makes the method from its configuration."""
        config = dict(config)
        for part in ("model", "task", "step"):
            config[part] = keras.saving.deserialize_keras_object(
                config[part], custom_objects=custom_objects
            )
        return cls(**config)
