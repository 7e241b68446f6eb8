"""Domains: a labelled source, targets that it should carry over to."""

import dataclasses
import pathlib
from collections.abc import Mapping

import numpy as np

from kerasgen.core import message
from kerasgen.data.agree import agree, fit_labels, fit_tokens, like
from kerasgen.data.arrays import from_memory
from kerasgen.data.examples import Examples, distinct, join
from kerasgen.data.fetch import stamp
from kerasgen.data.form import form
from kerasgen.data.raw import Raw
from kerasgen.data.read import read
from kerasgen.data.rows import Rows
from kerasgen.data.shots import copies, take_shots, with_unknown
from kerasgen.data.splits import NAMES, cut, strata_of
from kerasgen.data.targets import find_target

_SHARES = (0.6, 0.1, 0.1, 0.2)


def combine(cls, named, assemble, shots=0, share=None, seed=0, unknown=None):
    """Puts domains together: sources with labels, and targets.

    The sources give train, stop, select and test. The targets' train splits,
    without their labels, are the split `unlabeled`; each target's test split
    is a named test set. What prepares the data is adapted on the sources'
    train alone. Each example's group is the name of its domain.

    Args:
        cls: the class of Data.
        named: mapping with `source` and any others, which are targets: Data,
            what `load` takes as a source, or inputs without labels (an array,
            list, or dict of columns); or, for several, a mapping of each
            domain's name to one of these.
        assemble: callable that makes Data of splits, as
            `kerasgen.data.assemble` does.
        shots: int >= 0, so many examples of each class of each target go with
            their labels from `unlabeled` to train; or a mapping of a target's
            name to it.
        share: float in [0, 0.9], about the share of train that these make up,
            by standing there as often as it takes; None lets them stand once.
        seed: int, decides which examples they are.
        unknown: str, the name of a last class, which the sources don't have:
            all classes of targets that they don't have are this one. None
            refuses such targets.

    Returns:
        Data.

    Raises:
        ValueError: where there is no source or no target, a source has no
            labels, a target's shape, range, columns or classes aren't the
            source's, or it has too few labels for `shots`.

    Example:
        >>> import kerasgen as kg
        >>> one, two = (kg.data.synthetic.images(60, seed=s) for s in (0, 1))
        >>> named = {"source": one, "target": two}
        >>> str(combine(kg.data.Data, named, kg.data.assemble))[:62]
        'source to target: image (8, 8, 1), train 36, stop 6, select 6,'
    """
    sources, targets = _names(cls, named)
    first_name, first_value = next(iter(sources.items()))
    first = _open(cls, first_name, first_value, None, assemble)
    whole = first if unknown is None else with_unknown(first, unknown)
    opened = {first_name: first}
    for name, value in {**sources, **targets}.items():
        if name not in opened:
            free = unknown is not None and name in targets
            opened[name] = _open(cls, name, value, first, assemble, free)
    _check_sources(cls, sources, opened)
    parts = {
        name: fit_labels(name, _splits(one), one, first)
        if name in sources
        else fit_labels(name, _splits(one), one, whole, unknown)
        for name, one in opened.items()
    }
    parts, schema = fit_tokens(parts, first.schema)
    parts, kept = take_shots(
        _number(parts), list(targets), shots, seed, first.task
    )
    splits = {
        name: _join([parts[each][name] for each in sources], sources)
        for name in NAMES
    }
    splits.update(_named(parts, first_name, targets))
    title = _title(opened, sources, targets)
    if len(sources) == 1 and schema == first.schema:
        data = dataclasses.replace(whole, name=title, splits=splits)
    else:
        skipped = [
            item
            for one in opened.values()
            for item in getattr(one, "skipped", ())
        ]
        data = assemble(
            title, whole.task, schema, splits, first.seed, skipped, first.plan
        )
    if not kept:
        return data
    train = data.splits["train"]
    times = copies(sum(map(len, kept)), len(train), share)
    train = _join([train, *kept * times], [*sources, *targets])
    return dataclasses.replace(data, splits={**data.splits, "train": train})


def _check_sources(cls, sources, opened):
    for name in sources:
        one = opened[name]
        if not isinstance(one, cls) or one.splits["train"].y is None:
            raise ValueError(
                message(
                    "Data.domains", "a source must have labels", {"name": name}
                )
            )


def _named(parts, first_name, targets):
    """The splits beyond the four: test sets, and what has no labels."""
    splits = {}
    for name, split in parts[first_name].items():
        if name in targets:
            raise ValueError(
                message(
                    "Data.domains",
                    "a target must not be named as a test set of the source",
                    {"name": name},
                )
            )
        if name not in _TAKEN:
            splits[name] = split
    splits["unlabeled"] = _join(
        [_strip(parts[name]["train"]) for name in targets], targets
    )
    for name in targets:
        test = parts[name].get("test")
        if test is not None and test.y is not None:
            splits[name] = test
    return splits


def leave_one_out(data, assemble):
    """Makes data for each domain, with that domain as the test split.

    The other domains are cut anew into train, stop, select and `inside`, a
    test set of the domains that training saw, with shares of 0.6, 0.1, 0.1
    and 0.2.

    Args:
        data: Data whose groups are domains.
        assemble: callable that makes Data of splits.

    Returns:
        list of Data, in the order of the domains' names; each is prepared on
        its own train.

    Raises:
        ValueError: for data without groups, or fewer than two.

    Source:
        Gulrajani & Lopez-Paz, "In Search of Lost Domain Generalization", 2020,
        arXiv:2007.01434.

    Example:
        >>> import kerasgen as kg
        >>> x, y = kg.data.synthetic.images(120)
        >>> data = kg.data.load((x, y), domain=["a", "b", "c", "d"] * 30)
        >>> parts = leave_one_out(data, kg.data.assemble)
        >>> [len(one.splits["test"]) for one in parts]
        [30, 30, 30, 30]
    """
    whole = distinct(join([data.splits[name] for name in NAMES]))
    names = [] if whole.group is None else np.unique(whole.group)
    if len(names) < 2:
        raise ValueError(
            message(
                "leave_one_domain_out",
                "there must be at least two domains",
                {"domains": [str(name) for name in names]},
                "Pass domain= to load.",
            )
        )
    strata = strata_of(whole.y, data.schema.target)
    found = []
    for name in names:
        out = whole.group == name
        rest = np.flatnonzero(~out)
        places = cut(
            strata[rest],
            _SHARES,
            data.seed,
            names=(*NAMES[:3], "inside"),
        )
        splits = {each: whole.take(rest[p]) for each, p in places.items()}
        inside = splits.pop("inside")
        splits["test"] = whole.take(np.flatnonzero(out))
        splits["inside"] = inside
        found.append(
            assemble(
                f"{data.name}, without {name}",
                data.task,
                data.schema,
                splits,
                data.seed,
                data.skipped,
                data.plan,
            )
        )
    return found


def _names(cls, named):
    """The domains by name: sources and targets."""
    if "source" not in named or len(named) < 2:
        raise ValueError(
            message(
                "Data.domains",
                "there must be a `source` and a target",
                {"domains": list(named)},
            )
        )
    sources, targets = {}, {}
    for name, value in named.items():
        into = sources if name == "source" else targets
        several = _several(cls, value)
        for each, one in (value if several else {name: value}).items():
            if each in sources or each in targets or each in _TAKEN:
                raise ValueError(
                    message(
                        "Data.domains",
                        f"each domain must have a name of its own, none of "
                        f"{', '.join(_TAKEN)}",
                        {"name": each},
                    )
                )
            into[each] = one
    return sources, targets


_TAKEN = (*NAMES, "unlabeled")


def _several(cls, value):
    """Whether a mapping names domains; one of arrays is one domain."""
    if not isinstance(value, Mapping) or not value:
        return False
    kinds = (cls, str, pathlib.Path, tuple, Mapping)
    return all(isinstance(each, kinds) for each in value.values())


def _open(cls, name, value, first, assemble, free=False):
    """Data, or Examples of inputs without labels."""
    if isinstance(value, cls):
        if first is not None:
            agree(name, value.schema, first.schema)
        return value
    if first is not None and (bare := _bare(value, first)) is not None:
        return _unlabeled(name, bare, first)
    raw = read(value, {} if first is None else like(value, first))
    labels = None
    if first is not None:
        known = first.schema.target == "class" and not free
        labels = first.labels if known else None
        labels = first.schema.labels or labels
    task, target, found = find_target(raw, None, labels or None)
    schema = form(raw, target, found)
    if first is not None:
        agree(name, schema, first.schema)
    seed = 0 if first is None else first.seed
    splits = _cut(raw, target, seed)
    if first is None:
        return assemble(name, task, schema, splits, seed, raw.skipped)
    return cls(
        name, task, schema, splits, first.prepare, seed, tuple(raw.skipped)
    )


def _bare(value, first):
    """Inputs that come without labels, or None."""
    if isinstance(value, Mapping):
        if "x" in value and value.get("y") is None:
            return value["x"]
        columns = {column.name for column in first.schema.columns}
        return dict(value) if columns and columns <= set(value) else None
    if isinstance(value, (np.ndarray, Rows, list)):
        return value
    if isinstance(value, tuple) and len(value) == 2 and value[1] is None:
        return value[0]
    return None


def _unlabeled(name, x, first):
    schema = first.schema
    given = {}
    if schema.kind == "audio":
        given = {"rate": schema.rate, "samples": schema.shape[0]}
    if isinstance(x, dict):
        x = {c.name: x[c.name] for c in schema.columns}
    raw = from_memory(x, None, name, kind=schema.kind, **given)
    # Missing cells of a target are imputed as those of the source.
    found = form(raw, schema.target, schema.labels, "impute")
    agree(name, found, schema)
    return _examples(raw)


def _examples(raw: Raw):
    stamps = stamp(raw.x) if raw.files else None
    ids = np.arange(raw.count, dtype="int64")
    return Examples(raw.x, raw.y, ids, None, None, raw.files, stamps)


def _cut(raw, target, seed):
    whole = _examples(raw)
    strata = strata_of(raw.y, target)
    own = raw.test is not None
    shares, names = (
        np.array(_SHARES[: 3 if own else 4]),
        NAMES[: 3 if own else 4],
    )
    parts = cut(strata, shares / shares.sum(), seed, names=names)
    splits = {name: whole.take(part) for name, part in parts.items()}
    if own:
        test = _examples(raw.test)
        splits["test"] = dataclasses.replace(test, ids=test.ids + raw.count)
    return splits


def _splits(one):
    return {"train": one} if isinstance(one, Examples) else dict(one.splits)


def _number(parts):
    """Groups by domain, and ids that no two domains share."""
    found, start = {}, 0
    for name, splits in parts.items():
        splits = {
            each: dataclasses.replace(
                split,
                ids=split.ids + start,
                group=np.full(len(split), name, dtype=f"<U{len(name)}"),
            )
            for each, split in splits.items()
        }
        start = 1 + max(int(s.ids.max(initial=0)) for s in splits.values())
        found[name] = splits
    return found


def _strip(examples):
    return dataclasses.replace(examples, y=None, weight=None)


def _join(parts, names):
    if len(parts) == 1:
        return parts[0]
    if len({part.files for part in parts}) > 1:
        raise ValueError(
            message(
                "Data.domains",
                "domains that are put together must all be files, or all "
                "arrays",
                {"domains": list(names)},
            )
        )
    if any(part.weight is not None for part in parts):
        parts = [
            dataclasses.replace(part, weight=np.ones(len(part), "float32"))
            if part.weight is None
            else part
            for part in parts
        ]
    if any(part.stamps is None for part in parts):
        parts = [dataclasses.replace(part, stamps=None) for part in parts]
    return join(parts)


def _title(opened, sources, targets):
    def told(names):
        return " and ".join(names)

    return f"{told(sources)} to {told(targets)}"
