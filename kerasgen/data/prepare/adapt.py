"""adapt: schema, one pass over train and a plan -> the `prepare` model."""

import dataclasses

import keras
import numpy as np

from kerasgen.core import message
from kerasgen.data.prepare.chain import Chain
from kerasgen.data.prepare.encode import Encode, EncodeLearner
from kerasgen.data.prepare.join import Join, Stack
from kerasgen.data.prepare.plan import default_plan, read_plan, write_plan

# So many examples, or numbers, are looked at together at most.
_CHUNK, _NUMBERS = 512, 2**24


def adapt(schema, batches, plan=None):
    """Makes the `prepare` model of a schema from one pass over train.

    Nothing is read where nothing has to be learnt.

    Args:
        schema: Schema.
        batches: the train split's raw examples: a callable without arguments
            that gives an iterator of batches (arrays (n, ...), or dicts of
            columns (n,)), such an iterable itself, one array, or one dict of
            columns.
        plan: transforms instead of the kind's default, see `read_plan`; for
            a table a dict by column, with "*" for the rest.

    Returns:
        keras.Model from raw batches to tensors, and the schema with the
        vocabularies that were learnt.

    Raises:
        ValueError: for a table without columns, a plan that doesn't fit, or
            a split without examples.
        TypeError: for what is no plan.

    Example:
        >>> from kerasgen.data.schema import Schema
        >>> model, _ = adapt(Schema("image", (2, 2, 1)), np.zeros((3, 2, 2, 1)))
        >>> model.output_shape
        (None, 2, 2, 1)
    """
    if schema.kind != "table":
        plan = default_plan(schema.kind) if plan is None else plan
        return _adapt_arrays(schema, batches, plan), schema
    if not schema.columns:
        raise ValueError(message("adapt", "there must be columns"))
    return _adapt_table(schema, batches, {} if plan is None else plan)


def _once(batches):
    """One iterator over the batches, whatever they came as."""
    if callable(batches):
        batches = batches()
    if isinstance(batches, np.ndarray):
        whole, each = batches, int(np.prod(batches.shape[1:]))
        step = max(1, min(_CHUNK, _NUMBERS // max(1, each)))
        return (whole[i : i + step] for i in range(0, len(whole), step))
    if hasattr(batches, "keys"):
        return iter([batches])
    return iter(batches)


def _adapt_arrays(schema, batches, plan):
    chain = Chain(read_plan(plan, schema))
    dtype = "string" if schema.kind in ("text", "tokens") else "float32"
    if chain.learns:
        for batch in _once(batches):
            chain.update(_array(batch, dtype))
    # float32 for either raw type: what is uint8 on disk may be augmented.
    inputs = keras.Input(schema.shape, dtype=dtype, name=schema.kind)
    x = inputs
    for layer in chain.finish():
        x = layer(x)
    return keras.Model(inputs, x, name="prepare")


def _array(batch, dtype):
    batch = np.asarray(batch)
    if dtype == "string":
        return batch.astype(object)
    return batch.astype("float32")


def _adapt_table(schema, batches, plan):
    plan = read_plan(plan, schema)
    rest = [c for c in schema.columns if c.name not in plan]
    encoder = EncodeLearner(rest) if rest else None
    groups = _groups(schema, plan)
    if encoder or any(chain.learns for _, chain in groups):
        for batch in _once(batches):
            if encoder:
                encoder.update(batch)
            for names, chain in groups:
                chain.update(_stack(schema, batch, names))
    inputs = {
        column.name: keras.Input(
            (),
            dtype="float32" if column.kind == "number" else "string",
            name=column.name,
        )
        for column in schema.columns
    }
    parts, vocabularies = [], {}
    if encoder:
        learnt = encoder.finish()
        taken = "encode" in inputs
        layer = Encode(learnt, name="encode.rest" if taken else "encode")
        parts.append(layer({c.name: inputs[c.name] for c in rest}))
        vocabularies = {
            told["name"]: told["vocabulary"]
            for told in learnt
            if told["kind"] == "category"
        }
    for names, chain in groups:
        name = chain.layers[0].name if chain.layers else names[0]
        x = Stack(name=f"{name}.stack")([inputs[name] for name in names])
        for layer in chain.finish():
            x = layer(x)
            found = getattr(layer, "vocabularies", None) or []
            if len(found) == len(names):
                vocabularies.update(zip(names, found, strict=True))
        parts.append(x)
    if not parts:
        raise ValueError(
            message("prepare", "the plan must keep a column", {"plan": plan})
        )
    x = (
        parts[0]
        if len(parts) == 1 and encoder
        else Join(name="join.all")(parts)
    )
    columns = tuple(
        dataclasses.replace(c, vocabulary=tuple(vocabularies.get(c.name, ())))
        if c.kind == "category"
        else c
        for c in schema.columns
    )
    model = keras.Model(inputs, x, name="prepare")
    return model, dataclasses.replace(schema, columns=columns)


def _groups(schema, plan):
    """Columns of one kind and one plan share their layers.

    A column's chains side by side belong to groups of their own.
    """
    found = {}
    for column in schema.columns:
        for place, chain in enumerate(plan.get(column.name, ())):
            key = (column.kind, place, repr(write_plan(chain)))
            found.setdefault(key, ([], chain))[0].append(column.name)
    return [(names, Chain(chain)) for names, chain in found.values()]


def _stack(schema, batch, names):
    kinds = {column.name: column.kind for column in schema.columns}
    columns = [np.asarray(batch[name]) for name in names]
    if kinds[names[0]] == "number":
        return np.stack(columns, 1).astype("float32")
    return np.stack([column.astype(object) for column in columns], 1)
