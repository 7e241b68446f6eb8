"""Cut a model into features and head, or bring a foreign model to that form."""

from collections.abc import Mapping

import keras

from kerasgen.core.check import message, nearest


def split(model):
    """Cuts a model before its layer `head`.

    Args:
        model: keras.Model with one output and a layer named `head`.

    Returns:
        Pair of keras.Model `features` (inputs to the head's input) and the
        layer `head`; both share the model's weights.

    Raises:
        ValueError: where there is no such layer; the message names `adopt`.

    Example:
        >>> inputs = keras.Input((4,))
        >>> outputs = keras.layers.Dense(2, name="head")(inputs)
        >>> features, head = split(keras.Model(inputs, outputs))
        >>> head.units
        2
    """
    names = [layer.name for layer in model.layers]
    if "head" not in names:
        raise ValueError(
            message(
                "split",
                "the model must have a layer named `head`",
                {"layers": names[-3:]},
                "Use kerasgen.core.adopt(model, head=NAME).",
            )
        )
    head = model.get_layer("head")
    return keras.Model(model.input, _seen(model, head), name="features"), head


def heads(model, units):
    """Gives a model a new head, or one for each of several outputs.

    Args:
        model: keras.Model with a layer `head`, which is left out; the layers
            below are shared with the original.
        units: int, the width of the output, or mapping of name to int, such
            as `MultiTask.units`.

    Returns:
        keras.Model that gives float32 logits, or a dict of name to logits;
        then its layer `head` is a model from the features to that dict.

    Raises:
        ValueError: where there is no layer `head`.

    Example:
        >>> inputs = keras.Input((4,))
        >>> outputs = keras.layers.Dense(2, name="head")(inputs)
        >>> model = heads(keras.Model(inputs, outputs), {"a": 3, "b": 1})
        >>> widths(model)
        {'a': 3, 'b': 1}
    """
    features, _ = split(model)
    if isinstance(units, Mapping):
        seen = keras.Input(features.output_shape[1:], name="features")
        outputs = {
            name: keras.layers.Dense(width, name=name, dtype="float32")(seen)
            for name, width in units.items()
        }
        head = keras.Model(seen, outputs, name="head")
    else:
        head = keras.layers.Dense(units, name="head", dtype="float32")
    outputs = head(features.output)
    return keras.Model(model.input, outputs, name=model.name)


def widths(model):
    """Gives how wide a model's output is.

    Args:
        model: keras.Model.

    Returns:
        int, or dict of name to int, or None where the model doesn't tell.

    Example:
        >>> inputs = keras.Input((4,))
        >>> widths(keras.Model(inputs, inputs))
        4
    """
    try:
        output = model.output
    except (AttributeError, ValueError):
        # A subclass of Model that nobody has called yet.
        return None
    if isinstance(output, Mapping):
        return {name: each.shape[-1] for name, each in output.items()}
    return output.shape[-1] if hasattr(output, "shape") else None


def takes(model, shape):
    """Says whether a model's input fits examples of a shape.

    Args:
        model: keras.Model.
        shape: tuple of int, of one example.

    Returns:
        bool; True where the model doesn't tell, or has several inputs.

    Example:
        >>> inputs = keras.Input((None, 3))
        >>> model = keras.Model(inputs, inputs)
        >>> takes(model, (7, 3)), takes(model, (7, 4))
        (True, False)
    """
    known = getattr(model, "input_shape", None)
    if not isinstance(known, tuple):
        return True
    known = known[1:]
    return len(known) == len(shape) and all(
        one in (None, other) for one, other in zip(known, shape, strict=True)
    )


def _seen(model, head):
    """What a head takes in: a tensor, or a list of them, without masks."""
    nodes = [node for depth in model._nodes_by_depth.values() for node in depth]
    return next(n.arguments.args[0] for n in nodes if n.operation is head)


def clone(model, weights=True, **kwargs):
    """Copies a model, but not what it was compiled with.

    Keras compiles a clone where the model is, with an optimizer for variables
    that may not be the clone's to move.

    Args:
        model: keras.Model, functional or sequential.
        weights: bool, whether the weights come along; else new ones are
            drawn.
        **kwargs: arguments of `keras.models.clone_model`.

    Returns:
        keras.Model, not compiled.

    Example:
        >>> inputs = keras.Input((4,))
        >>> model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
        >>> model.compile("adam", "mse")
        >>> clone(model).compiled
        False
    """
    copy = keras.models.clone_model(model, **kwargs)
    if not copy.built:
        copy.build(model.input_shape)
    if weights:
        copy.set_weights(model.get_weights())
    if copy.compiled:
        copy.compiled = False
        copy.optimizer = None
    return copy


def adopt(model, head=None):
    """Brings a Keras model made elsewhere to the form of the factories.

    The last layer is copied as `head` without its softmax or sigmoid, so that
    the model gives logits. The layers below are shared with the original.

    Args:
        model: keras.Model, functional or sequential, with one output.
        head: str, the name of the layer that makes the output, or None for
            the last layer.

    Returns:
        keras.Model with a layer `head` and logits out.

    Raises:
        ValueError: for a layer that isn't there or has no weights.

    Example:
        >>> inputs = keras.Input((4,))
        >>> outputs = keras.layers.Dense(2, "softmax", name="last")(inputs)
        >>> head = adopt(keras.Model(inputs, outputs)).get_layer("head")
        >>> head.activation.__name__
        'linear'
    """
    names = [layer.name for layer in model.layers]
    name = head or names[-1]
    if name not in names:
        near = nearest(name, names)
        raise ValueError(
            message(
                "adopt",
                "`head` must name a layer of the model",
                {"head": name},
                f"Did you mean {near!r}?" if near else None,
            )
        )
    last = model.get_layer(name)
    if not last.weights:
        raise ValueError(
            message(
                "adopt", "the head must be a layer with weights", {"head": name}
            )
        )
    config = {**last.get_config(), "name": "head"}
    if "activation" in config:
        config["activation"] = "linear"
    copy = type(last).from_config(config)
    outputs = copy(last.input)
    copy.set_weights(last.get_weights())
    return keras.Model(model.input, outputs, name=model.name)


def fresh_layer(layer, name=None):
    """Makes a layer like another, with first weights of its own.

    Args:
        layer: keras.layers.Layer that stands in a model.
        name: str, the new one's; None takes the name of the other.

    Returns:
        keras.layers.Layer, built.

    Example:
        >>> head = keras.layers.Dense(2, name="head")
        >>> _ = head(keras.Input((4,)))
        >>> fresh_layer(head, "second").name
        'second'
    """
    config = {**layer.get_config(), "name": name or layer.name}
    made = type(layer).from_config(config)
    made.build(layer.input.shape)
    return made
