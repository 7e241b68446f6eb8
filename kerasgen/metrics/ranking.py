"""Rankings: how early what is wanted comes."""

import numpy as np

from kerasgen.core import Int, message


def ranks(scores, wanted):
    """Gives the place of one wanted item in each list, from 1.

    Of equal scores the wanted one is taken to stand in the middle.

    Args:
        scores: float array (n, items), greater is earlier.
        wanted: int array (n,).

    Returns:
        float array (n,).

    Example:
        >>> ranks(np.array([[0.1, 0.9, 0.5]]), [2]).tolist()
        [2.0]
    """
    scores = np.asarray(scores, "float64")
    own = scores[np.arange(len(scores)), np.asarray(wanted, "int64")][:, None]
    before, level = (scores > own).sum(1), (scores == own).sum(1)
    return 1.0 + before + (level - 1) / 2.0


def recall_at(scores, relevant, k=10):
    """Gives the share of what is wanted that is among the first k.

    Args:
        scores: float array (n, items).
        relevant: bool array (n, items), at least one in each row.
        k: int >= 1.

    Returns:
        float array (n,), in [0, 1]; divided by k where more are wanted, so
        that a perfect list has 1.

    Raises:
        ValueError: for shapes that differ, or a row without anything wanted.

    Source:
        Liang et al., "Variational Autoencoders for Collaborative Filtering",
        2018, arXiv:1802.05814, section 4.3.

    Example:
        >>> scores, wanted = [[3.0, 2.0, 1.0]], [[True, False, True]]
        >>> recall_at(scores, wanted, 2).tolist()
        [0.5]
    """
    hits, count = _hits(scores, relevant, k)
    return hits.sum(1) / np.minimum(count, hits.shape[1])


def ndcg_at(scores, relevant, k=10):
    """Gives the discounted gain of the first k, as a share of the best.

    Args:
        scores: float array (n, items).
        relevant: bool array (n, items), at least one in each row.
        k: int >= 1.

    Returns:
        float array (n,), in [0, 1].

    Raises:
        ValueError: for shapes that differ, or a row without anything wanted.

    Source:
        Järvelin & Kekäläinen, "Cumulated Gain-Based Evaluation of IR
        Techniques", 2002.

    Example:
        >>> ndcg_at([[3.0, 2.0]], [[False, True]], 2).round(3).tolist()
        [0.631]
    """
    hits, count = _hits(scores, relevant, k)
    discount = 1.0 / np.log2(np.arange(2, hits.shape[1] + 2))
    best = np.concatenate([[0.0], np.cumsum(discount)])
    return hits @ discount / best[np.minimum(count, hits.shape[1])]


def reciprocal_rank(scores, relevant):
    """Gives one over the place of the first item that is wanted.

    Args:
        scores: float array (n, items).
        relevant: bool array (n, items), at least one in each row.

    Returns:
        float array (n,); its mean is the MRR.

    Raises:
        ValueError: for shapes that differ, or a row without anything wanted.

    Source:
        Voorhees, "The TREC-8 Question Answering Track Report", 1999.

    Example:
        >>> reciprocal_rank([[3.0, 2.0, 1.0]], [[False, True, True]]).tolist()
        [0.5]
    """
    hits, _ = _hits(scores, relevant, None)
    return 1.0 / (1.0 + hits.argmax(1))


def _hits(scores, relevant, k):
    """Whether each of the first k is wanted, and how many are in all."""
    scores, relevant = np.asarray(scores), np.asarray(relevant, bool)
    if k is not None:
        Int(1).check("ranking", "k", k)
    count = relevant.sum(-1) if relevant.ndim == 2 else np.zeros(1)
    if scores.shape != relevant.shape or (count == 0).any():
        raise ValueError(
            message(
                "ranking",
                "`scores` and `relevant` must be (n, items), with something "
                "wanted in each row",
                {"scores": scores.shape, "relevant": relevant.shape},
            )
        )
    k = min(k or scores.shape[1], scores.shape[1])
    order = np.argsort(-scores, 1, kind="stable")[:, :k]
    hits = np.take_along_axis(relevant, order, 1).astype("float64")
    return hits, count
