"""Splits: shuffled, stratified, group-aware, seeded."""

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from kerasgen.core import child_seed, message, one_of

NAMES = ("train", "stop", "select", "test")


def cut(y, shares, seed, group=None, stratify=True, names=NAMES):
    """Deals examples to splits.

    Args:
        y: array (n,), whole-number labels, or numbers, which are stratified
            by their quantile.
        shares: tuple of float, the share of each split; they add up to 1.
        seed: int.
        group: array (n,) of what must not be torn apart, or None.
        stratify: bool, whether each split gets its share of each class.
        names: tuple of str, the splits' names.

    Returns:
        dict of name to the sorted int array of its examples.

    Raises:
        ValueError: for shares that don't add up, or too few examples, groups
            or members of a class.

    Example:
        >>> parts = cut(np.arange(100) % 2, (0.6, 0.1, 0.1, 0.2), seed=0)
        >>> [len(part) for part in parts.values()]
        [60, 10, 10, 20]
    """
    shares = np.asarray(shares, "float64")
    if len(shares) != len(names) or (shares <= 0).any():
        raise ValueError(
            message(
                "load",
                f"`split` must have {len(names)} positive shares, of "
                f"{', '.join(names)}",
                {"split": tuple(shares.tolist())},
            )
        )
    if not np.isclose(shares.sum(), 1.0):
        raise ValueError(
            message(
                "load",
                "the shares of `split` must add up to 1",
                {"split": tuple(shares.tolist())},
            )
        )
    strata = classes_of(y) if stratify else np.zeros(len(y), int)
    random = np.random.default_rng(child_seed(seed, "split"))
    if group is not None:
        places = _deal_groups(np.asarray(group), strata, shares, random)
    else:
        labels = np.issubdtype(np.asarray(y).dtype, np.integer)
        places = _deal(strata, shares, random, least=int(labels))
    found = {name: np.flatnonzero(places == i) for i, name in enumerate(names)}
    for name, part in found.items():
        if not len(part):
            what = "groups" if group is not None else "examples"
            raise ValueError(
                message(
                    "load",
                    f"split {name!r} would be empty: there must be more {what}",
                    {what: len(y) if group is None else len(np.unique(group))},
                )
            )
    return found


def classes_of(y):
    """Gives the strata of labels: the labels, or ten quantiles of numbers.

    Args:
        y: array (n,).

    Returns:
        int array (n,), from 0.

    Example:
        >>> classes_of(np.array([0.5, 0.1, 0.9])).tolist()
        [1, 0, 2]
    """
    y = np.asarray(y)
    if np.issubdtype(y.dtype, np.integer):
        return np.unique(y, return_inverse=True)[1]
    bins = max(1, min(10, len(y) // 5)) if len(y) > 10 else len(y)
    order = np.argsort(np.argsort(y, kind="stable"), kind="stable")
    return order * bins // len(y)


def _deal(strata, shares, random, least):
    """Each stratum is dealt in proportion; remainders even out over all."""
    places = np.empty(len(strata), int)
    debt = np.zeros(len(shares))
    for stratum in np.unique(strata):
        members = random.permutation(np.flatnonzero(strata == stratum))
        wish = shares * len(members) + debt
        counts = np.floor(np.maximum(wish, 0)).astype(int)
        # No split may lack a class; a quantile is no class.
        floor = least if len(members) >= len(shares) else 0
        counts = np.maximum(counts, floor)
        while counts.sum() > len(members):
            spare = np.where(counts > floor, counts - wish, -np.inf)
            counts[np.argmax(spare)] -= 1
        while counts.sum() < len(members):
            counts[np.argmax(wish - counts)] += 1
        debt = wish - counts
        places[members] = np.repeat(np.arange(len(shares)), counts)
    return places


def _deal_groups(group, strata, shares, random):
    """Whole groups, the largest first, go where their strata lack most."""
    names, inverse = np.unique(group, return_inverse=True)
    table = np.zeros((len(names), strata.max() + 1))
    np.add.at(table, (inverse, strata), 1)
    order = random.permutation(len(names))
    order = order[np.argsort(-table[order].sum(1), kind="stable")]
    wanted = shares[:, None] * table.sum(0)[None, :]
    have = np.zeros_like(wanted)
    place = np.empty(len(names), int)
    for index in order:
        # Relative lack, so that small splits get their groups, too.
        after = (have + table[index] - wanted) / np.maximum(wanted, 1e-9)
        before = (have - wanted) / np.maximum(wanted, 1e-9)
        cost = (after**2 - before**2).sum(1) * shares
        place[index] = int(np.argmin(cost))
        have[place[index]] += table[index]
    _fill(place, table, wanted, shares)
    return place[inverse]


def _fill(place, table, wanted, shares):
    """Moves the groups that are missed least to splits that got none."""
    parts = np.arange(len(shares))
    while len(empty := np.setdiff1d(parts, place)):
        owners = np.bincount(place, minlength=len(shares))
        spare = np.flatnonzero(owners[place] > 1)
        if not len(spare):
            return
        costs = []
        for index in spare:
            moved = np.where(np.arange(len(place)) == index, empty[0], place)
            have = np.stack([table[moved == part].sum(0) for part in parts])
            lack = ((have - wanted) / np.maximum(wanted, 1e-9)) ** 2
            costs.append((lack.sum(1) * shares).sum())
        place[spare[int(np.argmin(costs))]] = empty[0]


def strata_of(y, target="class"):
    """Gives what splits share out evenly: classes, numbers, or nothing.

    Args:
        y: array (n, ...), dict of several outputs, or None.
        target: str, what y is, as in Schema.

    Returns:
        array (n,): int64 labels, or float numbers; the first output of
        several; the share of foreground of masks; the length of tags and
        texts; zeros for items.

    Example:
        >>> strata_of(np.zeros((2, 3, 3)), "mask").tolist()
        [0.0, 0.0]
    """
    if target in ("class", "number"):
        return np.asarray(y)
    if target == "item":
        return np.zeros(len(y))
    if target == "classes":
        return np.asarray(next(iter(y.values())))
    if target == "mask":
        return np.array([float(np.mean(y[i] > 0)) for i in range(len(y))])
    if target in ("tags", "symbols"):
        return (np.asarray(y) >= 0).sum(1).astype("float64")
    return np.array([float(len(text)) for text in y])


def fold_indices(y, folds, seed, group=None, by=None):
    """Deals examples to folds for cross-validation.

    Args:
        y: array (n,), labels or numbers.
        folds: int >= 2.
        seed: int.
        group: array (n,) of what must not be torn apart, or None.
        by: "class", "group" or "domain", or None for "group" where there are
            groups and "class" otherwise.

    Returns:
        list of pairs of int arrays: the rest, and the fold's examples.

    Raises:
        ValueError: for fewer groups or members of a class than folds, or no
            groups where they are asked for.

    Example:
        >>> [len(test) for _, test in fold_indices(np.arange(10) % 2, 5, 0)]
        [2, 2, 2, 2, 2]
    """
    if by is not None:
        one_of("folds", "by", by, ("class", "group", "domain"))
    if by in ("group", "domain") and group is None:
        raise ValueError(
            message(
                "folds",
                f"the data must have groups for folds by {by}",
                None,
                "Pass group= to load.",
            )
        )
    group = None if by == "class" else group
    strata = classes_of(y)
    fewest = int(np.bincount(strata).min())
    groups = len(y) if group is None else len(np.unique(group))
    if folds < 2 or folds > groups:
        raise ValueError(
            message(
                "folds",
                f"`folds` must lie in [2, {groups}], the examples or groups",
                {"folds": folds},
            )
        )
    state = child_seed(seed, "folds")
    spread = fewest >= folds
    if group is None:
        kind = StratifiedKFold if spread else KFold
        splitter = kind(folds, shuffle=True, random_state=state)
    elif spread and by != "domain":
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=state)
    else:
        splitter = GroupKFold(folds)
    return list(splitter.split(strata, strata, group))
