"""Manifold mixup (Verma et al., 2019): hidden states of pairs are mixed."""

import keras
from keras import ops

from kerasgen.core import Float, Int, beta_share, message, register, split
from kerasgen.methods.base import Method


@register("method")
class ManifoldMixup(Method):
    """Mixes hidden states of two examples at a layer drawn for each batch.

    The loss is that of both examples' labels in the same proportion, so that
    it works for any task. Training metrics compare the mixed outputs with the
    labels of the first examples and look worse than they are.

    Args:
        model: keras.Model, logits out, with a layer `head`. A functional or
            sequential one is cut where all paths meet in one tensor of floats
            without a mask, or before its head; of any other the inputs are
            mixed.
        task: kerasgen.Task.
        alpha: float >= 0, both parameters of the Beta distribution of the
            share of the first example; one draw for each batch; 0 mixes
            nothing.
        cuts: int >= 1, at most so many places to mix at, evenly spaced from
            the input on.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, for an
            argument out of range, or a model of whole-number inputs that
            can't be cut.
        TypeError: for a model that is no keras.Model.

    Source:
        Verma et al., "Manifold Mixup: Better Representations by Interpolating
        Hidden States", 2019, arXiv:1806.05236, section 2.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = ManifoldMixup(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'loss']
    """

    arguments = {"alpha": Float(0.0, search=(0.0, 2.0)), "cuts": Int(1)}

    def __init__(
        self, model, task, *, alpha=1.0, cuts=3, step="descent", name=None
    ):
        super().__init__(
            model, task, step=step, name=name, alpha=alpha, cuts=cuts
        )
        self._seed = keras.random.SeedGenerator()
        self._halves = [
            halves(model, place) for place in places(model, self.cuts)
        ]
        if not self._halves:
            raise ValueError(
                message(
                    "ManifoldMixup",
                    "there must be a place with floats to mix",
                    {"inputs": model.inputs[0].dtype},
                    "Words and categories mix after a layer that embeds them.",
                )
            )

    def objective(self, batch):
        """Gives the loss of both labels; see `Method.objective`."""
        x, y, weight = batch["x"], batch["y"], batch["weight"]
        if not self.alpha:
            outputs = self.model(x, training=True)
            return {"task": self.task_loss(batch, outputs)}, outputs
        n = ops.shape(keras.tree.flatten(x)[0])[0]
        order = keras.random.shuffle(ops.arange(n), seed=self._seed)
        share = beta_share(self.alpha, self._seed)

        def moved(values):
            return keras.tree.map_structure(
                lambda value: ops.take(value, order, axis=0), values
            )

        def mixed(h):
            part = ops.cast(share, h.dtype)
            return part * h + (1 - part) * ops.take(h, order, axis=0)

        def branch(lower, upper):
            def run():
                if lower is None:
                    hidden = keras.tree.map_structure(floats, x)
                else:
                    hidden = lower(x, training=True)
                hidden = keras.tree.map_structure(mixed, hidden)
                return upper(hidden, training=True)

            return run

        branches = [branch(*pair) for pair in self._halves]
        place = keras.random.randint((), 0, len(branches), seed=self._seed)
        outputs = ops.switch(place, branches)
        other = {"y": moved(y), "weight": None}
        if weight is not None:
            other["weight"] = moved(weight)
        loss = share * self.task_loss(batch, outputs)
        loss += (1 - share) * self.task_loss(other, outputs)
        return {"task": loss}, outputs


def floats(x):
    """Gives inputs as floats that can be mixed.

    Args:
        x: float or uint8 tensor.

    Returns:
        float tensor.

    Raises:
        ValueError: for whole numbers that are no pixels.

    Example:
        >>> floats(ops.ones((1,), "uint8")).dtype.name
        'float32'
    """
    kind = keras.backend.standardize_dtype(x.dtype)
    if "float" in kind:
        return x
    if kind == "uint8":
        return ops.cast(x, keras.backend.floatx())
    raise ValueError(
        message(
            "ManifoldMixup",
            "inputs that are mixed must be pixels or floats",
            {"dtype": kind},
            "Words and categories mix after a layer that embeds them.",
        )
    )


def places(model, count):
    """Finds where a model can be cut in two.

    Args:
        model: keras.Model.
        count: int >= 1, at most so many places.

    Returns:
        list of str, the names of the layers to cut after, with None for the
        input, which comes first, and "head" for the cut before the head.

    Example:
        >>> inputs = keras.Input((4,))
        >>> hidden = keras.layers.Dense(3, name="hidden")(inputs)
        >>> outputs = keras.layers.Dense(2, name="head")(hidden)
        >>> places(keras.Model(inputs, outputs), 3)
        [None, 'hidden']
    """
    model = _functional(model)
    if model is None:
        return [None]
    first = [None] if all(map(_mixes, model.inputs)) else []
    found = _meetings(model) or _before_head(model)
    room = max(count - len(first), 1 - len(first))
    if len(found) > room:
        # Evenly spaced, the input included where it can be mixed.
        steps = [(i + len(first)) / max(count, 1) for i in range(room)]
        found = [found[round(step * (len(found) - 1))] for step in steps]
    found = [name for name in dict.fromkeys(found) if _parts(model, name)]
    return [*first, *found]


def _functional(model):
    """Gives a model whose graph can be read, or None."""
    if isinstance(model, keras.Sequential) and model.built:
        model = keras.Model(model.inputs, model.outputs)
    known = hasattr(model, "operations") and len(model.outputs) == 1
    return model if known else None


def _parts(model, place):
    try:
        halves(model, place)
    except ValueError:
        # Layers that are used more than once show one of their uses only.
        return False
    return True


def _mixes(tensor):
    floats = "float" in keras.backend.standardize_dtype(tensor.dtype)
    return floats and getattr(tensor, "_keras_mask", None) is None


def _meetings(model):
    """Lists the layers in whose one output all paths meet."""
    layers = [
        layer
        for layer in model.operations
        if not isinstance(layer, keras.layers.InputLayer)
    ]
    read = [keras.tree.flatten(layer.input) for layer in layers]
    made = [keras.tree.flatten(layer.output) for layer in layers]
    found = []
    for index, layer in enumerate(layers[:-1]):
        later = {id(t) for tensors in read[index + 1 :] for t in tensors}
        earlier = [*model.inputs, *sum(made[: index + 1], [])]
        crossing = [id(tensor) for tensor in earlier if id(tensor) in later]
        own = made[index]
        meets = crossing == [id(t) for t in own] and all(map(_mixes, own))
        if meets and layer.name != "head":
            found.append(layer.name)
    return found


def _before_head(model):
    try:
        head = split(model)[1]
        whole = head.output is model.outputs[0] and _mixes(head.input)
    except ValueError:
        return []
    return ["head"] if whole else []


def halves(model, place):
    """Cuts a model after a layer.

    Args:
        model: keras.Model.
        place: str, the layer's name, or "head" for the cut before the head;
            None for the input.

    Returns:
        Pair of what is below and above the cut, which share the model's
        weights; the lower is None for the input.

    Example:
        >>> inputs = keras.Input((4,))
        >>> hidden = keras.layers.Dense(3, name="hidden")(inputs)
        >>> model = keras.Model(inputs, keras.layers.Dense(2)(hidden))
        >>> [half.output_shape for half in halves(model, "hidden")]
        [(None, 3), (None, 2)]
    """
    if place is None:
        return None, model
    model = _functional(model)
    if place == "head":
        return split(model)
    tensor = model.get_layer(place).output
    inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
    lower = keras.Model(inputs, tensor, name=f"below_{place}")
    upper = keras.Model(tensor, model.outputs[0], name=f"above_{place}")
    return lower, upper
