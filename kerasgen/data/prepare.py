"""Prepare: raw example -> tensor, as one Keras model adapted on train only."""

import keras
import numpy as np
import tensorflow as tf

from kerasgen.core import message


@keras.saving.register_keras_serializable("kerasgen.data")
class Standardize(keras.layers.Layer):
    """Takes the mean of each channel or feature away and divides by its spread.

    Args:
        mean: list of float, one for each channel or feature.
        scale: list of float, the divisors; 0 stands for a constant, which
            becomes 0.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> layer = Standardize(mean=[1.0], scale=[2.0])
        >>> float(layer(np.array([[5.0]]))[0, 0])
        2.0
    """

    def __init__(self, mean, scale, **kwargs):
        super().__init__(**kwargs)
        self.mean = [float(value) for value in mean]
        self.scale = [float(value) for value in scale]

    def call(self, inputs):
        """Standardizes.

        Args:
            inputs: numbers (batch, ..., features).

        Returns:
            float32 tensor of the same shape.
        """
        scale = np.asarray(self.scale, "float32")
        factor = np.where(scale > 0, 1.0 / np.where(scale > 0, scale, 1.0), 0.0)
        x = tf.cast(inputs, "float32") - np.asarray(self.mean, "float32")
        return x * factor.astype("float32")

    def compute_output_spec(self, inputs):
        """Gives a float32 tensor of the same shape."""
        return keras.KerasTensor(inputs.shape, "float32")

    def get_config(self):
        """Gives means and divisors."""
        return {**super().get_config(), "mean": self.mean, "scale": self.scale}


@keras.saving.register_keras_serializable("kerasgen.data")
class Encode(keras.layers.Layer):
    """Turns a dict of columns into one row of numbers.

    Missing numbers take the train split's median, and where train had some,
    a column tells which they were. Numbers are standardised. A category
    becomes one column for each that train had, and one for all others.

    Args:
        columns: list of dict with `name`, `kind`, and for numbers `median`,
            `mean`, `scale` and `indicator`, for categories `vocabulary`.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> layer = Encode([{"name": "c", "kind": "category",
        ...                  "vocabulary": ["a", "b"]}])
        >>> layer({"c": tf.constant(["b", "z"])}).numpy().tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """

    def __init__(self, columns, **kwargs):
        super().__init__(**kwargs)
        self.columns = [dict(column) for column in columns]

    @property
    def width(self):
        """int, the number of columns that come out."""
        total = 0
        for column in self.columns:
            if column["kind"] == "number":
                total += 1 + bool(column["indicator"])
            else:
                total += 1 + len(column["vocabulary"])
        return total

    def call(self, inputs):
        """Encodes a batch.

        Args:
            inputs: dict of tensors (batch,), numbers or strings.

        Returns:
            float32 tensor (batch, width).
        """
        numbers = [c for c in self.columns if c["kind"] == "number"]
        parts = []
        if numbers:
            values = [tf.cast(inputs[c["name"]], tf.float32) for c in numbers]
            x = tf.stack([tf.reshape(value, (-1,)) for value in values], -1)
            missing = tf.logical_not(tf.math.is_finite(x))
            median = np.asarray([c["median"] for c in numbers], "float32")
            filled = tf.where(missing, median, x)
            means = [c["mean"] for c in numbers]
            scale = np.asarray([c["scale"] for c in numbers], "float32")
            factor = np.where(scale > 0, 1 / np.where(scale > 0, scale, 1), 0)
            parts.append((filled - np.asarray(means, "float32")) * factor)
            shown = [i for i, c in enumerate(numbers) if c["indicator"]]
            if shown:
                marks = tf.gather(missing, shown, axis=1)
                parts.append(tf.cast(marks, tf.float32))
        for column in self.columns:
            if column["kind"] == "category":
                parts.append(
                    _one_hot(inputs[column["name"]], column["vocabulary"])
                )
        return tf.concat([tf.cast(part, tf.float32) for part in parts], 1)

    def compute_output_spec(self, inputs):
        """Gives a float32 tensor (batch, width)."""
        return keras.KerasTensor((None, self.width), "float32")

    def get_config(self):
        """Gives what was learnt of each column."""
        return {**super().get_config(), "columns": self.columns}


def _one_hot(values, vocabulary):
    values = tf.reshape(values, (-1, 1))
    same = tf.cast(
        tf.equal(values, tf.constant([vocabulary], tf.string)), tf.float32
    )
    return tf.concat([1.0 - tf.reduce_sum(same, 1, keepdims=True), same], 1)


def adapt(schema, x):
    """Makes the `prepare` model of a schema from the train split.

    Args:
        schema: Schema.
        x: the train split's raw examples: an array of images or an iterable
            of batches of them, or a dict of columns.

    Returns:
        keras.Model from raw batches to float32 tensors, and the schema with
        the vocabularies that were learnt.

    Raises:
        ValueError: for a table without columns.

    Example:
        >>> from kerasgen.data.schema import Schema
        >>> model, _ = adapt(Schema("image", (2, 2, 1)), np.zeros((3, 2, 2, 1)))
        >>> model.output_shape
        (None, 2, 2, 1)
    """
    if schema.kind == "image":
        return _adapt_images(schema, x), schema
    if not schema.columns:
        raise ValueError(message("adapt", "there must be columns"))
    return _adapt_table(schema, x)


def _adapt_images(schema, batches):
    if isinstance(batches, np.ndarray):
        whole = batches
        batches = (whole[i : i + 512] for i in range(0, len(whole), 512))
    count, total, square = 0, 0.0, 0.0
    for batch in batches:
        # Scaled first, so that the squares of bright images lose no digits.
        values = (np.asarray(batch, "float64") - schema.low) / (
            schema.high - schema.low
        )
        count += values.size // values.shape[-1]
        total = total + values.sum((0, 1, 2))
        square = square + (values**2).sum((0, 1, 2))
    mean = total / count
    spread = np.sqrt(np.maximum(square / count - mean**2, 0.0))
    width = schema.high - schema.low
    # float32 for either raw type: what is uint8 on disk may be augmented.
    inputs = keras.Input(schema.shape, dtype="float32", name="image")
    layer = Standardize(
        (schema.low + mean * width).tolist(),
        np.where(spread > 1e-6, spread * width, 0.0).tolist(),
        name="standardize",
    )
    return keras.Model(inputs, layer(inputs), name="prepare")


def _adapt_table(schema, x):
    learnt, columns, inputs = [], [], {}
    for column in schema.columns:
        values = np.asarray(x[column.name])
        if column.kind == "number":
            learnt.append(
                {"name": column.name, "kind": "number", **_number(values)}
            )
            columns.append(column)
        else:
            vocabulary = sorted({str(value) for value in values} - {""})
            learnt.append(
                {
                    "name": column.name,
                    "kind": "category",
                    "vocabulary": vocabulary,
                }
            )
            columns.append(
                type(column)(column.name, "category", tuple(vocabulary))
            )
        dtype = "float32" if column.kind == "number" else "string"
        inputs[column.name] = keras.Input((), dtype=dtype, name=column.name)
    outputs = Encode(learnt, name="encode")(inputs)
    model = keras.Model(inputs, outputs, name="prepare")
    schema = type(schema)(
        schema.kind, schema.shape, schema.low, schema.high, tuple(columns)
    )
    return model, schema


def _number(values):
    values = np.asarray(values, "float64")
    missing = ~np.isfinite(values)
    if missing.all():
        return {"median": 0.0, "mean": 0.0, "scale": 0.0, "indicator": True}
    median = float(np.median(values[~missing]))
    filled = np.where(missing, median, values)
    scale = float(filled.std())
    # A constant that isn't a short float has a spread of rounding alone.
    if scale <= 1e-9 * abs(float(filled.mean())):
        scale = 0.0
    return {
        "median": median,
        "mean": float(filled.mean()),
        "scale": scale,
        "indicator": bool(missing.any()),
    }
