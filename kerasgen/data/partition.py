"""Partition: train dealt to clients that each know some of the classes."""

import dataclasses

import numpy as np

from kerasgen.core import Float, Int, child_seed, message
from kerasgen.data.splits import classes_of, strata_of


def partition(data, clients, alpha=0.5, seed=0, *, quantity=None, least=2):
    """Deals the train split to clients, as federated learning has them.

    Each client draws its shares of the classes from the Dirichlet
    distribution with parameters alpha * p, p the classes' shares in train;
    its examples are then drawn by them, without replacement. Where a class
    has none left, its share goes to the others in proportion. Every example
    has one client.

    Args:
        data: Data.
        clients: int >= 2.
        alpha: float > 0: the smaller, the fewer classes a client has; None or
            infinity deals at random (IID).
        seed: int.
        quantity: float > 0, the parameter of a symmetric Dirichlet
            distribution of the clients' sizes: the smaller, the more unequal;
            None makes them equal.
        least: int >= 1, the fewest examples of a client.

    Returns:
        list of Data, one for each client: train is the client's own, all else,
        `prepare` too, is shared. Numbers are dealt by their tenth, masks by
        their foreground.

    Raises:
        ValueError: for fewer than two clients, a parameter that isn't
            positive, or too few examples.

    Source:
        Hsu et al., "Measuring the Effects of Non-Identical Data Distribution
        for Federated Visual Classification", 2019, arXiv:1909.06335. Unequal
        sizes: Li et al., "Federated Learning on Non-IID Data Silos", 2021,
        arXiv:2102.02079.

    Example:
        >>> import kerasgen as kg
        >>> parts = partition(kg.data.load("digits"), 4, alpha=0.1)
        >>> [len(part.splits["train"]) for part in parts]
        [270, 270, 269, 269]
    """
    Int(2).check("partition", "clients", clients)
    Int(1).check("partition", "least", least)
    for name, value in (("alpha", alpha), ("quantity", quantity)):
        if value is not None and not value > 0:
            raise ValueError(
                message("partition", f"`{name}` must be > 0", {name: value})
            )
    train = data.splits["train"]
    if len(train) < clients * least:
        raise ValueError(
            message(
                "partition",
                f"train must have {least} examples for each client",
                {"examples": len(train), "clients": clients},
            )
        )
    random = np.random.default_rng(child_seed(seed, "partition"))
    sizes = _sizes(len(train), clients, quantity, least, random)
    strata = np.zeros(len(train), int)
    if alpha is not None and np.isfinite(alpha):
        Float(0.0).check("partition", "alpha", alpha)
        strata = classes_of(strata_of(train.y, data.schema.target))
    else:
        alpha = 1.0
    found = []
    for number, places in enumerate(_deal(strata, sizes, alpha, random), 1):
        splits = {**data.splits, "train": train.take(places)}
        name = f"{data.name}, client {number}"
        found.append(dataclasses.replace(data, name=name, splits=splits))
    return found


def _sizes(n, clients, quantity, least, random):
    if quantity is None:
        sizes = np.full(clients, n // clients)
        sizes[: n % clients] += 1
        return sizes
    wish = random.dirichlet(np.full(clients, quantity)) * (n - clients * least)
    sizes = np.floor(wish).astype(int)
    order = np.argsort(sizes - wish, kind="stable")
    sizes[order[: n - clients * least - sizes.sum()]] += 1
    return sizes + least


def _deal(strata, sizes, alpha, random):
    """Each client's places; clients draw in a random order."""
    counts = np.bincount(strata)
    prior = counts / counts.sum()
    pools = [
        random.permutation(np.flatnonzero(strata == stratum))
        for stratum in range(len(counts))
    ]
    left = counts.copy()
    found = [None] * len(sizes)
    for client in random.permutation(len(sizes)):
        shares = _dirichlet(alpha * prior, random)
        taken = _draw(shares, left, sizes[client], random)
        parts = [
            pool[have - take : have]
            for pool, have, take in zip(pools, left, taken, strict=True)
        ]
        left = left - taken
        found[client] = np.sort(np.concatenate(parts))
    return found


def _dirichlet(parameters, random):
    """A draw that stays a distribution where parameters are tiny."""
    # log gamma(a) = log gamma(a + 1) + log(u) / a, which can't underflow.
    logs = np.log(random.gamma(parameters + 1.0))
    logs += np.log1p(-random.random(len(parameters))) / parameters
    shares = np.exp(logs - logs.max())
    return shares / shares.sum()


def _draw(shares, left, size, random):
    """Counts of each class: what is drawn beyond what's left is drawn again."""
    taken = np.zeros_like(left)
    while (lack := size - taken.sum()) > 0:
        open_shares = np.where(taken < left, shares, 0.0)
        if open_shares.sum() < 1e-12:
            # What the client wants is gone: it takes of all there is.
            open_shares = (left - taken).astype("float64")
        drawn = random.multinomial(lack, open_shares / open_shares.sum())
        taken = np.minimum(taken + drawn, left)
    return taken
