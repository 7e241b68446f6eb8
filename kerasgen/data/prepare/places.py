"""Which columns of a prepared row are numbers of categories."""

import keras

from kerasgen.data.prepare.category import CategoryIndex, Hashing
from kerasgen.data.prepare.join import Join


def id_columns(prepare):
    """Finds the columns of a prepared table that an embedding takes.

    Args:
        prepare: keras.Model that `adapt` made.

    Returns:
        dict of the column's place to how many different numbers it may have;
        empty for what is no table.

    Example:
        >>> from kerasgen.data.prepare.adapt import adapt
        >>> from kerasgen.data.schema import Column, Schema
        >>> import numpy as np
        >>> schema = Schema("table", (1,), columns=(Column("a", "category"),))
        >>> x = {"a": np.array(["x", "y"], dtype=object)}
        >>> id_columns(adapt(schema, x, {"a": ["category_index"]})[0])
        {0: 3}
    """
    if not isinstance(prepare, keras.Model) or len(prepare.outputs) != 1:
        return {}
    output = prepare.outputs[0]
    if output.shape is None or len(output.shape) != 2:
        return {}
    last = _maker(output)
    parts = [output]
    if isinstance(last, Join):
        parts = last._inbound_nodes[0].input_tensors
    found, place = {}, 0
    for part in parts:
        layer, width = _maker(part), 1
        for side in part.shape[1:]:
            width *= side
        sizes = ()
        if isinstance(layer, CategoryIndex):
            sizes = layer.sizes
        elif isinstance(layer, Hashing) and layer.form == "index":
            sizes = (layer.bins,) * width
        found.update({place + i: int(size) for i, size in enumerate(sizes)})
        place += width
    return found


def _maker(tensor):
    """The layer that a symbolic tensor came from."""
    return tensor._keras_history.operation
