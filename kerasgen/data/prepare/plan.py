"""Plans: which transforms, for which data, as objects or as JSON."""

from collections.abc import Mapping

from kerasgen.core import create, instance, message, one_of, snake
from kerasgen.data.prepare.audio import LogMel
from kerasgen.data.prepare.base import Transform
from kerasgen.data.prepare.scale import Standardize
from kerasgen.data.prepare.text import CleanText
from kerasgen.data.prepare.words import Words

_KIND = {
    "text": "string",
    "tokens": "string",
    "category": "string",
    "number": "number",
}


def default_plan(kind):
    """Gives the transforms that a kind of data takes where no plan is given.

    Args:
        kind: str, a Schema's, but "table", whose default is `Encode`.

    Returns:
        list of Transform.

    Raises:
        ValueError: for another kind.

    Example:
        >>> [type(part).__name__ for part in default_plan("audio")]
        ['LogMel', 'Standardize']
    """
    plans = {
        "image": lambda: [Standardize()],
        "video": lambda: [Standardize()],
        "audio": lambda: [LogMel(), Standardize()],
        "text": lambda: [CleanText(), Words()],
        "tokens": lambda: [Words()],
    }
    return plans[one_of("prepare", "kind", kind, plans)]()


def read_plan(plan, schema):
    """Checks a plan against the schema, and makes its objects.

    Args:
        plan: a transform or a list of them; for a table, a dict of column
            name to such a list, to a list of such lists (side by side), or
            to None (leaves the column out), with "*" for all other columns
            that it fits. A transform is an object, a name,
            or a dict of `name` and arguments.
        schema: Schema.

    Returns:
        list of unfitted Transform, or for a table a dict of column name to
        list of such lists; columns that it doesn't name take the default.

    Raises:
        ValueError: for an unknown column or transform, or one that doesn't
            fit what comes before it.
        TypeError: for what is no plan.

    Example:
        >>> from kerasgen.data.schema import Schema
        >>> read_plan("standardize", Schema("image", (2, 2, 1)))[0].learns
        True
    """
    if schema.kind != "table":
        kind = _KIND.get(schema.kind, "number")
        chain = _chain(plan, rate=schema.rate)
        _check_flow(chain, kind, schema.kind, f"{schema.kind} data")
        return chain
    instance("prepare", "plan", plan, Mapping)
    kinds = {column.name: column.kind for column in schema.columns}
    found = {}
    for name, given in plan.items():
        one_of("prepare", "column", name, [*kinds, "*"])
        chains = _chains(given)
        names = [name] if name != "*" else _rest(kinds, plan, chains)
        for each in names:
            found[each] = [
                _chain(chain, f"{each}.{place}.")
                for place, chain in enumerate(chains)
            ]
            for chain in found[each]:
                kind = _KIND[kinds[each]]
                _check_flow(chain, kind, "table", f"column {each!r}")
    return found


def write_plan(plan, kind=None):
    """Writes a plan as JSON values, without what its transforms learnt.

    Args:
        plan: what `read_plan` takes, or None.
        kind: str, the kind of the data; None takes a dict without `name` for
            a table's plan.

    Returns:
        list or dict of JSON values that `read_plan` takes, or None.

    Raises:
        TypeError: for what is no plan.

    Example:
        >>> from kerasgen.data.prepare.power import Log
        >>> write_plan({"age": Log(2.0)})
        {'age': [{'name': 'log', 'unit': 2.0}]}
    """
    mapping = isinstance(plan, Mapping)
    if mapping and (kind == "table" or (kind is None and "name" not in plan)):
        return {key: _write_chain(value) for key, value in plan.items()}
    return _write_chain(plan)


def _write_chain(plan):
    if plan is None:
        return None
    parts = plan if isinstance(plan, (list, tuple)) else [plan]
    if parts and all(isinstance(part, (list, tuple)) for part in parts):
        return [_write_chain(part) for part in parts]
    return [_write(part) for part in parts]


def _write(part):
    made = _make(part)
    return {"name": snake(type(made).__name__), **made.own()}


def _make(part):
    made = part if isinstance(part, Transform) else None
    if isinstance(part, (str, Mapping)):
        made = create("prepare", part)
    if made is None:
        raise TypeError(
            message(
                "prepare",
                "a plan must hold transforms, their names, or dicts with "
                "`name`",
                {"came": type(part).__name__},
                "Write kg.data.prepare.Log(), with brackets."
                if isinstance(part, type)
                else None,
            )
        )
    return made


def _fresh(part, name, rate=None):
    """An unfitted copy, so that a plan can be used again.

    Its name is the same in each process: it doesn't count what was made. The
    dot keeps it apart from columns' names.
    """
    part = _make(part)
    own = part.own()
    if "sample_rate" in own and own["sample_rate"] is None:
        own["sample_rate"] = rate
    return type(part)(name=f"{name}{snake(type(part).__name__)}", **own)


def _chain(plan, prefix="", rate=None):
    parts = plan if isinstance(plan, (list, tuple)) else [plan]
    return [
        _fresh(part, f"{prefix}{place}." if prefix or place else "", rate)
        for place, part in enumerate(parts)
    ]


def _chains(given):
    if given is None:
        return []
    parts = given if isinstance(given, (list, tuple)) else [given]
    if parts and all(isinstance(part, (list, tuple)) for part in parts):
        return [_chain(part) for part in parts]
    return [_chain(parts)]


def _rest(kinds, plan, chains):
    """The columns that a plan doesn't name and all of these chains fit."""
    return [
        name
        for name, kind in kinds.items()
        if name not in plan
        and not any(_misfit(chain, _KIND[kind], "table") for chain in chains)
    ]


def _check_flow(chain, kind, schema_kind, where):
    wrong = _misfit(chain, kind, schema_kind)
    if wrong:
        told, came, remedy = wrong
        raise ValueError(
            message("prepare", f"in the plan of {where}, {told}", came, remedy)
        )


def _misfit(chain, kind, schema_kind):
    """What is wrong with a chain, what came and the remedy; or None."""
    came = kind
    for part in chain:
        name = type(part).__name__
        if part.kinds is not None and schema_kind not in part.kinds:
            told = f"{name} is for {' and '.join(part.kinds)} data"
            return told, {"data": schema_kind}, None
        if part.takes not in ("any", came):
            return f"{name} takes {part.takes}s", {"came": f"{came}s"}, None
        came = part.gives or came
    if came == "string":
        names = {"plan": [type(part).__name__ for part in chain]}
        remedy = "Add one such as Words(), OneHot() or Hashing()."
        return "what comes out must be numbers", names, remedy
    return None
