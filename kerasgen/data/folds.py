"""Folds: all examples cut for cross-validation."""

from kerasgen.data.examples import distinct, join
from kerasgen.data.splits import NAMES, cut, fold_indices, strata_of


def cut_folds(data, folds, by, assemble):
    """Cuts the examples of data into folds.

    Args:
        data: Data.
        folds: int >= 2.
        by: "class", "group", "domain" or None, as `Data.folds` takes it.
        assemble: callable that makes Data of splits, as
            `kerasgen.data.assemble` does.

    Returns:
        list of Data.

    Raises:
        ValueError: for more folds than examples or groups, or no groups where
            they are asked for.

    Example:
        >>> import kerasgen as kg
        >>> data = kg.data.load("wine")
        >>> len(cut_folds(data, 2, None, kg.data.assemble))
        2
    """
    whole = distinct(join([data.splits[name] for name in NAMES]))
    strata = strata_of(whole.y, data.schema.target)
    # Domains may share stop and select with train; groups may not.
    kept = None if by in ("class", "domain") else whole.group
    found = []
    indices = fold_indices(strata, folds, data.seed, whole.group, by)
    for number, (rest, test) in enumerate(indices, 1):
        parts = cut(
            strata[rest],
            (0.75, 0.125, 0.125),
            data.seed,
            None if kept is None else kept[rest],
            names=NAMES[:3],
        )
        splits = {name: whole.take(rest[part]) for name, part in parts.items()}
        splits["test"] = whole.take(test)
        name = f"{data.name}, fold {number}"
        found.append(
            assemble(
                name,
                data.task,
                data.schema,
                splits,
                data.seed,
                plan=data.plan,
            )
        )
    return found
