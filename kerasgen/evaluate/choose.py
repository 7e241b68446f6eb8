"""Choosing among several models for a target without labels, safely."""

import numpy as np
import scipy.special

from kerasgen.core import message
from kerasgen.evaluate.evidence import gather
from kerasgen.evaluate.selection import trust

# A model is out that loses more of the source than this, beyond the best.
_LOST = 0.1
# Two models count as copies by the share of equal answers to this power.
_COPIES = 8
_ROUNDS = 10


def choose(models, data, task=None):
    """Chooses a model for a target whose labels nobody has.

    Args:
        models: list of keras.Model, logits out, with a layer `head`.
        data: Data with the splits `train`, `select` and `unlabeled`.
        task: Task with classes, or None for that of the data.

    Returns:
        Pair of the chosen one's place in the list, and the table that
        `compare` gives.

    Raises:
        ValueError: for no models, data without a target, or a task without
            classes.

    Example:
        >>> import kerasgen as kg
        >>> one, two = (kg.data.synthetic.images(60, seed=s) for s in (0, 1))
        >>> data = kg.data.Data.domains(source=one, target=two)
        >>> model = kg.image_classifier(data.shape, data.classes, size="tiny")
        >>> place, table = choose([model, model], data)
        >>> place, len(table)
        (0, 2)
    """
    table = compare(
        [gather(model, data, task, features=False) for model in models]
    )
    return best(table), table


def best(table):
    """Finds the best row of a table.

    Args:
        table: list of dict, from `compare`.

    Returns:
        int, the place of the highest score; of equal ones the first.

    Example:
        >>> best([{"score": 0.1}, {"score": 0.9}, {"score": 0.9}])
        1
    """
    return int(np.argmax([row["score"] for row in table]))


def compare(evidences):
    """Scores candidates by what they are alone, and by what they agree on.

    A candidate is out (`veto`) that lost more than a tenth of the source's
    accuracy that the best has, or whose answers for the target crowd into
    less than a third of the source's classes beyond one. The others vote on
    each example of the target. A vote counts by the voter's trust and by how
    much it agreed with the vote before, and is shared among candidates that
    answer alike, so that many copies of one model don't make the majority. The
    score is the mean of two shares, `trust` and the agreement with the vote.

    Single rules fail where their own number can be had cheaply: sure and
    varied answers by a method that maximizes just that, a small risk on the
    source by one that didn't adapt. It is rare that such a one has the vote.
    No rule without labels can be sure: where most candidates err alike, or
    the target's classes are far from evenly frequent, look at some labels.

    Args:
        evidences: list of Evidence, of the same examples.

    Returns:
        list of dict, one for each: `score`, `trust`, `agreement`, `source`
        (the accuracy on it), `classes` (how many it answers with, as the
        exponential of their entropy), and `veto`, None or why it is out.

    Raises:
        ValueError: for no candidates, or candidates that saw other examples.

    Source:
        Weighted votes: Littlestone & Warmuth, "The Weighted Majority
        Algorithm", 1994; the trust of many by their agreement: Dawid & Skene,
        "Maximum Likelihood Estimation of Observer Error-Rates Using the EM
        Algorithm", 1979. How they are put together is our own.

    Example:
        >>> from kerasgen.evaluate.evidence import Evidence
        >>> x, y = np.eye(2)[[0, 1] * 9], np.array([0, 1] * 9)
        >>> good, bad = (
        ...     Evidence(one, 9 * x, y, np.zeros(18))
        ...     for one in (9 * x, 0 * x + [9, 0]))
        >>> [row["veto"] for row in compare([bad, good])]
        ['few classes', None]
    """
    _check(evidences)
    table = [_alone(evidence) for evidence in evidences]
    _veto(table, evidences)
    inside = [i for i, row in enumerate(table) if row["veto"] is None]
    answers = [evidences[i].logits.argmax(-1) for i in inside]
    trusted = np.array([table[i]["trust"] for i in inside])
    vote = poll(np.stack(answers), trusted, evidences[0].logits.shape[1])
    for row, evidence in zip(table, evidences, strict=True):
        row["agreement"] = _share(vote, evidence.logits.argmax(-1))
        row["score"] = 0.5 * (row["trust"] + row["agreement"])
        if row["veto"] is not None:
            row["score"] -= 1.0
    return table


def poll(answers, trusted, classes):
    """Lets candidates vote on each example.

    Args:
        answers: int array (candidates, n).
        trusted: float array (candidates,), what each vote counts at first.
        classes: int.

    Returns:
        float array (n, classes), the shares of the vote.

    Example:
        >>> poll(np.array([[0, 1], [0, 1], [1, 1]]), np.ones(3), 2).argmax(-1)
        array([0, 1])
    """
    alike = np.array([(answers == one).mean(1) for one in answers])
    own = trusted / (alike**_COPIES).sum(1)
    weights = own
    for _ in range(_ROUNDS):
        vote = _tally(answers, weights / weights.sum(), classes)
        agreed = np.array([_share(vote, one) for one in answers])
        weights = own * agreed
    return vote


def _tally(answers, weights, classes):
    vote = np.zeros((answers.shape[1], classes))
    for one, weight in zip(answers, weights, strict=True):
        vote[np.arange(len(one)), one] += weight
    return vote


def _share(vote, answers):
    return float(vote[np.arange(len(answers)), answers].mean())


def _alone(evidence):
    shares = scipy.special.softmax(evidence.logits.astype("float64"), 1)
    spread = scipy.special.entr(shares.mean(0)).sum()
    return {
        "score": 0.0,
        "trust": trust(evidence.logits),
        "agreement": 0.0,
        "source": evidence.accuracy,
        "classes": float(np.exp(spread)),
        "veto": None,
    }


def _veto(table, evidences):
    labels = np.asarray(evidences[0].labels)
    if labels.ndim == 1:
        labels = np.eye(evidences[0].logits.shape[1])[labels.astype(int)]
    classes = np.exp(scipy.special.entr(labels.mean(0)).sum())
    most = max(row["source"] for row in table)
    for row in table:
        if row["source"] < most - _LOST:
            row["veto"] = "lost the source"
        elif row["classes"] - 1.0 < (classes - 1.0) / 3.0:
            row["veto"] = "few classes"
    if all(row["veto"] for row in table):
        # None is fit, and still one must be chosen.
        for row in table:
            row["veto"] = None


def _check(evidences):
    shapes = [evidence.logits.shape for evidence in evidences]
    if not shapes or len(set(shapes)) > 1 or shapes[0][-1] < 2:
        raise ValueError(
            message(
                "choose",
                "candidates must be one or more, with logits for the same "
                "examples and classes",
                {"shapes": shapes},
            )
        )
