"""Predictor: raw example -> answer, as one graph with signatures."""

import keyword
import re
import types
from collections.abc import Mapping

import tensorflow as tf

from kerasgen.core import message, takes, widths

RAW, TENSORS = "serving_default", "tensors"
# What fills an example up to the length that the model knows.
_FILL = {"tokens": "", "audio": 0.0}


class Predictor(tf.Module):
    """Puts decoding, preparation, model and answer into one module.

    Args:
        model: keras.Model from prepared tensors to logits, built.
        data: Data, whose schema, `prepare`, task and labels it serves with.

    Raises:
        ValueError: for a model that isn't built, or whose input or output
            doesn't fit the data.

    Example:
        >>> import kerasgen as kg
        >>> data = kg.data.load("wine")
        >>> model = kg.tabular_classifier(data.shape, 3, size="tiny")
        >>> sorted(Predictor(model, data).signatures())
        ['serving_default', 'tensors']
    """

    def __init__(self, model, data):
        super().__init__(name="predictor")
        _check(model, data)
        model = data.task.answering(model)
        # TensorFlow's own variables are tracked, and the Keras models hidden:
        # `saved_model_cli` can't restore what only a Keras model tracks.
        weights = [*model.variables, *data.prepare.variables]
        self.weights = [variable.value for variable in weights]
        self.tables = [*_tables(model), *_tables(data.prepare)]
        self._models = types.SimpleNamespace(model=model, prepare=data.prepare)
        self._schema = data.schema
        self._task = data.task
        self._shape = tuple(data.shape)
        self._dtype = data.prepare.outputs[0].dtype
        # Of several outputs each has labels of its own, see `spelt`.
        several = data.schema.target == "classes"
        labels = [] if several else list(data.labels)
        self._labels = tf.constant(labels or [""])
        self._classes = bool(labels)
        words = list(getattr(data.task, "vocabulary", None) or [""])
        self._words = tf.constant(words)

    def raw_specs(self):
        """Describes the inputs of raw examples.

        Returns:
            dict of input name to tf.TensorSpec, any batch size.
        """
        kind = self._schema.kind
        if kind in ("image", "text"):
            return {kind: tf.TensorSpec((None,), tf.string, name=kind)}
        if kind in _FILL:
            dtype = tf.string if kind == "tokens" else tf.float32
            return {kind: tf.TensorSpec((None, None), dtype, name=kind)}
        if kind == "video":
            shape = (None, *self._schema.shape)
            return {kind: tf.TensorSpec(shape, tf.float32, name=kind)}
        return {
            column.name: tf.TensorSpec(
                (None,),
                tf.float32 if column.kind == "number" else tf.string,
                name=column.name,
            )
            for column in self._schema.columns
        }

    def tensor_specs(self):
        """Describes the input of prepared tensors.

        Returns:
            dict of input name to tf.TensorSpec, any batch size.
        """
        return {"x": tf.TensorSpec((None, *self._shape), self._dtype, name="x")}

    def signatures(self):
        """Traces the functions that are served.

        Returns:
            dict of signature name to concrete function.
        """
        raw = tf.function(self._from_raw, autograph=False)
        tensors = tf.function(self._from_tensors, autograph=False)
        return {
            RAW: raw.get_concrete_function(self.raw_specs()),
            TENSORS: tensors.get_concrete_function(self.tensor_specs()),
        }

    def _from_raw(self, inputs):
        kind = self._schema.kind
        if kind == "image":
            inputs = self._schema.decode(inputs["image"])
        elif kind in _FILL:
            _check_range(inputs[kind], self._schema)
            inputs = _fitted(inputs[kind], *self._schema.shape, _FILL[kind])
        elif kind != "table":
            _check_range(inputs[kind], self._schema)
            inputs = inputs[kind]
        return self._answer(self._models.prepare(inputs, training=False))

    def _from_tensors(self, inputs):
        return self._answer(inputs["x"])

    def _answer(self, x):
        answer = dict(self._task.predict(self._models.model(x, training=False)))
        if self._classes and "label" in answer:
            answer["label"] = tf.cast(answer["label"], tf.int64)
            # What pads a sequence of labels has no name.
            named = tf.gather(self._labels, tf.maximum(answer["label"], 0))
            answer["class"] = tf.where(answer["label"] < 0, "", named)
        if "tokens" in answer:
            answer["text"] = self._text(answer["tokens"])
        return {**answer, **spelt(self._task, answer)}

    def _text(self, tokens):
        """Joins words, as `Translation.texts` does."""
        # Neither padding, start nor end is a word.
        shown = (tokens == 1) | (tokens > 3)
        words = tf.where(shown, tf.gather(self._words, tokens), "")
        text = tf.strings.reduce_join(words, -1, separator=" ")
        text = tf.strings.strip(tf.strings.regex_replace(text, " +", " "))
        for pattern, joined in self._task.joins:
            text = tf.strings.regex_replace(text, pattern, joined)
        return text


def spelt(task, answer):
    """Writes the answers of a task that are texts of symbols.

    Args:
        task: Task; one whose attribute `spelt` maps a name to the answer that
            holds whole numbers, what each stands for, and what comes between;
            or one of several, whose classes have names.
        answer: dict of what the task predicts.

    Returns:
        dict of name to string tensor (batch,); numbers below 0 are nothing.
    """
    found = {}
    for name, (key, words, between) in getattr(task, "spelt", {}).items():
        place = tf.convert_to_tensor(answer[key])
        ragged = tf.RaggedTensor.from_tensor(place, padding=-1)
        found[name] = tf.strings.reduce_join(
            tf.gather(tf.constant(list(words)), ragged), -1, separator=between
        )
    for name, each in getattr(task, "tasks", {}).items():
        place = answer.get(f"{name}_label")
        if place is not None and getattr(each, "labels", ()):
            words = tf.constant(list(each.labels))
            found[f"{name}_class"] = tf.gather(words, place)
    return found


def _check_range(x, schema):
    """Refuses, in the graph, samples or frames of another range."""
    if schema.kind not in ("audio", "video"):
        return
    what = "samples" if schema.kind == "audio" else "pixels"
    span = schema.high - schema.low
    low, high = tf.reduce_min(x), tf.reduce_max(x)
    # A sound may peak a little above full scale.
    slack = span * (0.5 if schema.kind == "audio" else 1e-4)
    fits = (low >= schema.low - slack) & (high <= schema.high + slack)
    remedy = f"Scale to [{schema.low:g}, {schema.high:g}]."
    if schema.kind == "video" and schema.high == 255.0:
        whole = tf.reduce_all(tf.equal(x, tf.round(x)))
        fits &= (high > 1.0) | whole
        remedy = "Multiply by 255 where they lie in [0, 1]."
    if schema.kind == "audio":
        remedy = "Divide 16-bit samples by 32768."
    told = message(
        "Predictor",
        f"{what} must lie in [{schema.low:g}, {schema.high:g}]",
        None,
        remedy,
    )
    empty = tf.equal(tf.size(x), 0)
    tf.debugging.Assert(fits | empty, [told, "min", low, "max", high])


def _fitted(x, length, fill):
    """Fills or cuts (batch, anything) to (batch, length)."""
    x = x[:, :length]
    short = length - tf.shape(x)[1]
    x = tf.pad(x, [[0, 0], [0, short]], constant_values=fill)
    return tf.ensure_shape(x, (None, length))


def _tables(model):
    """The lookup tables that layers hold, such as those of StringLookup."""
    kind = tf.saved_model.experimental.TrackableResource
    for layer in model._flatten_layers():
        for value in vars(layer).values():
            held = value if isinstance(value, (list, tuple)) else [value]
            yield from (each for each in held if isinstance(each, kind))


def _check_data(data):
    if data.task is None:
        raise ValueError(
            message(
                "export",
                "the data must have a task",
                {"target": data.schema.target},
                "Pass one: dataclasses.replace(data, task=TASK).",
            )
        )
    for name in [column.name for column in data.schema.columns]:
        served = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name)
        if not served or keyword.iskeyword(name) or name == "self":
            raise ValueError(
                message(
                    "export",
                    "a column's name must be ASCII letters and digits, and no "
                    "word of Python's own",
                    {"column": name},
                    "Rename the column.",
                )
            )
    # What is tried below must be what the model was trained for.
    data.check(data.raw("test", limit=32))


def _check(model, data):
    _check_data(data)
    if not model.built:
        raise ValueError(
            message(
                "export",
                "the model must be built",
                {"model": model.name},
                "Call it on a batch, or give it an Input.",
            )
        )
    if not takes(model, data.shape):
        raise ValueError(
            message(
                "export",
                f"the model must take examples of shape {tuple(data.shape)}",
                {"input_shape": model.input_shape},
            )
        )
    try:
        dtype = data.prepare.outputs[0].dtype
        answers = data.task.answering(model)
        outputs = answers(tf.zeros((1, *data.shape), dtype), training=False)
    except Exception as error:
        raise ValueError(
            message(
                "export",
                f"the model must take examples of shape {tuple(data.shape)}",
                {"error": error},
            )
        ) from error
    told = _widths(outputs) if answers is model else widths(model)
    if told != data.task.units:
        raise ValueError(
            message(
                "export",
                f"the model must give {data.task.units} outputs for "
                f"{type(data.task).__name__}",
                {"outputs": told},
            )
        )


def _widths(outputs):
    """How wide one row of outputs is, or each of a dict of them."""
    if isinstance(outputs, Mapping):
        return {name: _widths(each) for name, each in outputs.items()}
    shape = getattr(outputs, "shape", None)
    if shape is None or not len(shape) or shape[0] != 1:
        return type(outputs).__name__ if shape is None else tuple(shape)
    return shape[-1]
