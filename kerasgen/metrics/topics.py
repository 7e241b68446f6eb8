"""How well the words of a topic belong together."""

import numpy as np

from kerasgen.core import message


def coherence(topics, documents):
    """Gives the mean normalized pointwise mutual information of topics' words.

    Two words that never come together count -1, two that come apart from each
    other only by chance 0, and two that always come together 1.

    Args:
        topics: list of lists of int, the numbers of each topic's top words.
        documents: array (n, words), not 0 where a word is in a document.

    Returns:
        float array (topics,), each the mean over the pairs of its words.

    Raises:
        ValueError: for a topic of fewer than two words, or one that no
            document has a column for.

    Source:
        Bouma, "Normalized (Pointwise) Mutual Information in Collocation
        Extraction", 2009; for topics Lau et al., "Machine Reading Tea
        Leaves", 2014, with whole documents as the window.

    Example:
        >>> documents = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]])
        >>> coherence([[0, 1], [0, 2]], documents).round(6).tolist()
        [1.0, -1.0]
    """
    held = np.asarray(documents) != 0
    found = []
    for words in topics:
        words = np.asarray(words)
        fits = words.ndim == 1 and len(words) >= 2
        if not fits or words.min() < 0 or words.max() >= held.shape[1]:
            raise ValueError(
                message(
                    "coherence",
                    "each topic must have two words or more, of those that "
                    "documents count",
                    {"topic": words.tolist(), "words": held.shape[1]},
                )
            )
        found.append(_coherence(held[:, words].astype("float64")))
    return np.array(found)


def _coherence(held):
    both = held.T @ held / len(held)
    alone = np.diag(both)
    first, second = np.triu_indices(held.shape[1], 1)
    joint, chance = both[first, second], alone[first] * alone[second]
    values = np.full(len(joint), -1.0)
    values[joint >= 1.0] = 1.0
    some = (joint > 0) & (joint < 1)
    shared = np.log(joint[some] / chance[some])
    values[some] = shared / -np.log(joint[some])
    return values.mean()
