"""Word substitution (Jin et al., 2020): the words that count, changed."""

import numpy as np
from keras import ops

from kerasgen.attacks.base import Attack, fooled
from kerasgen.attacks.ranges import Synonyms, Wholes
from kerasgen.attacks.tokens import embedding_of, words
from kerasgen.attacks.victim import margin
from kerasgen.core import Int, register


@register("attack")
class WordSubstitution(Attack):
    """Changes the words that count most, one after the other.

    A word counts by how much the model's lead falls once it is unknown. From
    the one that counts most, each is replaced by that of its synonyms which
    harms most; a text that fools stops. Needs the model's scores alone where a
    table of synonyms is given.

    Args:
        changes: int >= 0, the most words that are changed in a text.
        synonyms: mapping of token to the tokens that may stand for it; None
            takes the nearest by the model's embedding.
        near: int >= 1, how many those are.
        unknown: int >= 0, the token of an unknown word.
        keep: tuple of int, the tokens that stay, and that none becomes.

    Raises:
        ValueError: for an argument out of range, or inputs that are no tokens.

    Source:
        Jin et al., "Is BERT Really Robust? A Strong Baseline for Natural
        Language Attack on Text Classification and Entailment", 2020,
        arXiv:1907.11932, algorithm 1; without its tagger and its encoder of
        sentences, the table alone says what may stand for what. Words are
        made unknown rather than left out, so that all keep their places.

    Example:
        >>> def model(x):
        ...     return np.eye(9)[x].sum(1)[:, :2]
        >>> attack = WordSubstitution(synonyms={0: [5], 5: [1]}, keep=(2,))
        >>> attack(model, np.array([[0, 5, 0]]), np.array([0])).tolist()
        [[5, 1, 5]]
    """

    arguments = {
        "changes": Int(0),
        "synonyms": Synonyms(),
        "near": Int(1),
        "unknown": Int(0),
        "keep": Wholes(),
    }
    kind = "text"
    numbers = False

    def __init__(
        self, changes=5, synonyms=None, near=8, unknown=1, keep=(0, 1)
    ):
        super().__init__(
            changes=changes,
            synonyms=synonyms,
            near=near,
            unknown=unknown,
            keep=keep,
        )

    def read(self, x):
        """Gives tokens; see `Attack.read`."""
        return words(x, "WordSubstitution")

    def find(self, victim, x, y, random):
        """Gives texts of changed words; see `Attack.find`."""
        best = x.copy()
        logits = victim.logits(x)
        lead = _lead(logits, y)
        rows = np.flatnonzero(~fooled(logits, y))
        if not len(rows) or not self.changes:
            return best
        table = self._table(victim, x)
        order = self._order(victim, x[rows], y[rows], lead[rows], table)
        count = (order >= 0).sum(1)
        for turn in range(min(order.shape[1], x.shape[1])):
            changed = (best[rows] != x[rows]).sum(1)
            stay = (count > turn) & (changed < self.changes)
            rows, order, count = rows[stay], order[stay], count[stay]
            if not len(rows):
                break
            tried, owner = self._tries(best[rows], order[:, turn], table)
            found = _lead(victim.logits(tried), y[rows][owner])
            for i, row in enumerate(rows):
                own = np.flatnonzero(owner == i)
                top = own[found[own].argmax()]
                if found[top] > lead[row]:
                    best[row], lead[row] = tried[top], found[top]
            stay = lead[rows] <= 0
            rows, order, count = rows[stay], order[stay], count[stay]
        return best

    def _table(self, victim, x):
        """Gives the words that may stand for each word of the texts."""
        known = [word for word in np.unique(x) if word not in self.keep]
        if self.synonyms is not None:
            return {
                word: [w for w in self.synonyms.get(int(word), ()) if w != word]
                for word in known
            }
        layer = embedding_of(victim.model, x)
        vectors = ops.convert_to_numpy(layer.embeddings).astype("float32")
        far = np.empty((len(known), len(vectors)), "float32")
        square = (vectors**2).sum(1)
        far = square[known][:, None] + square - 2 * vectors[known] @ vectors.T
        far[np.arange(len(known)), known] = np.inf
        outside = [word for word in self.keep if word < len(vectors)]
        far[:, outside] = np.inf
        near = np.argsort(far, 1, kind="stable")[:, : self.near]
        return {
            word: [w for w in near[i] if np.isfinite(far[i, w])]
            for i, word in enumerate(known)
        }

    def _order(self, victim, x, y, lead, table):
        """Places of words by how much they count; -1 for those that stay."""
        places = [
            [i for i, word in enumerate(text) if table.get(word)] for text in x
        ]
        owner = np.repeat(np.arange(len(x)), [len(each) for each in places])
        place = np.array([i for each in places for i in each], int)
        order = np.full(x.shape, -1)
        if not len(owner):
            return order
        tried = x[owner]
        tried[np.arange(len(owner)), place] = self.unknown
        counts = _lead(victim.logits(tried), y[owner]) - lead[owner]
        for i in range(len(x)):
            own = owner == i
            best = place[own][np.argsort(-counts[own], kind="stable")]
            order[i, : len(best)] = best
        return order

    def _tries(self, texts, places, table):
        tried, owner = [], []
        for i, (text, place) in enumerate(zip(texts, places, strict=True)):
            for word in table[text[place]]:
                other = text.copy()
                other[place] = word
                tried.append(other)
                owner.append(i)
        return np.stack(tried), np.array(owner)

    def inside(self, changed, x):
        """Gives the texts, which are within the table at each step."""
        return changed.astype("int32")

    def _bounds(self, x):
        return -np.inf, np.inf


def _lead(logits, y):
    return np.array(margin(y, logits))
