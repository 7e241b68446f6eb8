"""Vocabularies of pieces of words: WordPiece and a unigram model."""

import numpy as np
import tensorflow as tf

from kerasgen.core import Int, register
from kerasgen.data.prepare.learn_pieces import learn_unigram, learn_word_pieces
from kerasgen.data.prepare.text import MASK, PAD, SPECIAL, UNK
from kerasgen.data.prepare.trie import Trie, code_points
from kerasgen.data.prepare.words import Vocabulary

_CONTINUED = "##"
_SPACE = "\u2581"
# A character without a piece is this much less likely than the rarest piece.
_UNKNOWN = 10.0


class Subwords(Vocabulary):
    """A vocabulary of pieces of words; each different word is cut once.

    Args:
        size: int, the greatest number of ids, the special ones included.
        length: int, the number of ids of a text; longer ones are cut.
        least: int >= 1, how often a word must come in train to be learnt
            from.
        longest: int >= 1, the greatest number of characters in a piece.
        **values: further arguments.
    """

    arguments = {**Vocabulary.arguments, "longest": Int(1, 64)}

    def __init__(self, size=8000, length=128, least=1, longest=16, **values):
        super().__init__(
            size=size, length=length, least=least, longest=longest, **values
        )

    def transform(self, x):
        """Cuts and numbers a batch of texts."""
        # Each word gives one id at least: later words can't come in.
        words = self.split(x)[:, : self.length]
        different, places = tf.unique(words.flat_values)
        # One word more, so that there is always one.
        different = tf.concat([different, ["a"]], 0)
        pieces = self.cut(different)
        for number in (UNK, MASK):
            own = tf.equal(different, SPECIAL[number])
            pieces = _replaced(pieces, own, number)
        pieces = tf.gather(pieces, places)
        ids = words.with_values(pieces).merge_dims(1, 2)
        return ids.to_tensor(PAD, shape=(None, self.length))

    def cut(self, words):
        """Cuts words (n,) into a ragged int32 tensor (n, pieces) of ids."""
        raise NotImplementedError(type(self).__name__)


@register("prepare")
class WordPiece(Subwords):
    """Cuts words into the longest pieces of a vocabulary, from the left.

    Pieces that go on a word start with "##". Pieces are learnt by joining the
    most frequent pair of neighbours, again and again. A word that can't be
    cut into pieces is `[UNK]` as a whole.

    Args:
        size: int, the greatest number of ids, with `[PAD]`, `[UNK]` and
            `[MASK]`.
        length: int, the number of ids of a text; longer ones are cut.
        least: int >= 1, how often a word must come in train to be learnt
            from.
        longest: int >= 1, the greatest number of characters in a piece.
        **values: `learnt` (dict of `words`, the pieces from id 3 on), and
            arguments of `keras.layers.Layer`.

    Source:
        Schuster, Nakajima 2012; Devlin et al. 2018 for the cut. Pairs are
        joined by their count, as in Sennrich et al. 2016, not by likelihood.

    Example:
        >>> layer = WordPiece(length=3, learnt={"words": ["un", "##do"]})
        >>> layer(tf.constant(["undo"])).numpy().tolist()
        [[3, 4, 0]]
    """

    def cut(self, words):
        """Cuts words by greedy longest match."""
        codes, sizes = code_points(words)
        first = tf.equal(tf.range(tf.shape(codes)[1]), 0)
        roots = tf.zeros_like(codes) + tf.where(first, 0, 1)
        matches = self.trie.matches(codes, roots)
        # The last of the matches at a place is the longest.
        step = tf.range(1, self.trie.longest + 1)
        steps = tf.reduce_max(tf.where(matches >= 0, step, 0), -1)
        best = tf.gather(
            matches, tf.maximum(steps - 1, 0), axis=2, batch_dims=2
        )
        found, good = _greedy(best, steps, sizes)
        ids = tf.where(found >= 0, found + len(SPECIAL), -1)
        return _replaced(_ragged(ids), ~good, UNK)

    def _settle(self, learnt):
        Vocabulary._settle(self, learnt)
        pieces = [
            (1, word[len(_CONTINUED) :])
            if word.startswith(_CONTINUED) and word != _CONTINUED
            else (0, word)
            for word in learnt["words"]
        ]
        self.trie = Trie(pieces, roots=2)
        self.table = self.trie.table

    def _end(self):
        most = self.size - len(SPECIAL)
        return {"words": learn_word_pieces(self.counted(), most, self.longest)}


@register("prepare")
class Unigram(Subwords):
    """Cuts words into the most likely pieces of a unigram model.

    Pieces that begin a word start with U+2581. Pieces and their likelihoods
    are learnt by expectation-maximization, from all frequent parts of words
    down to `size`. Characters that train didn't have are `[UNK]`, one for a
    run of them.

    Args:
        size: int, the greatest number of ids, with `[PAD]`, `[UNK]` and
            `[MASK]`.
        length: int, the number of ids of a text; longer ones are cut.
        least: int >= 1, how often a word must come in train to be learnt
            from.
        longest: int >= 1, the greatest number of characters in a piece.
        **values: `learnt` (dict of `words`, the pieces from id 3 on, and
            `scores`, their log-likelihoods), and arguments of
            `keras.layers.Layer`.

    Source:
        Kudo 2018. Words are cut at spaces first, and a piece's worth is its
        count times what its own best cut would lose.

    Example:
        >>> learnt = {"words": ["\u2581", "a", "\u2581a"],
        ...           "scores": [-2.0, -2.0, -1.0]}
        >>> Unigram(length=3, learnt=learnt)(tf.constant(["aa"])).numpy()
        array([[5, 4, 0]], dtype=int32)
    """

    def cut(self, words):
        """Cuts words by Viterbi's search."""
        codes, sizes = code_points(tf.strings.join([_SPACE, words]))
        matches = self.trie.matches(codes, tf.zeros_like(codes))
        # Every character can be cut out alone, if need be as unknown.
        alone = tf.where(
            matches[..., :1] < 0, len(self._scores) - 1, matches[..., :1]
        )
        matches = tf.concat([alone, matches[..., 1:]], -1)
        steps = _viterbi(matches, tf.constant(self._scores))
        found = _trace(matches, steps, sizes)
        unknown = len(self._scores) - 1
        ids = tf.where(
            found < 0, -1, tf.where(found == unknown, UNK, found + len(SPECIAL))
        )
        before = tf.pad(ids[:, :-1], [[0, 0], [1, 0]], constant_values=-1)
        again = (ids == UNK) & (before == UNK)
        return _ragged(tf.where(again, -1, ids))

    def _settle(self, learnt):
        super()._settle(learnt)
        scores = np.asarray(learnt["scores"], "float64")
        low = scores.min(initial=0.0) - _UNKNOWN
        self._scores = np.append(scores, low)
        self.trie = Trie([(0, word) for word in learnt["words"]])
        self.table = self.trie.table

    def _end(self):
        most = self.size - len(SPECIAL)
        words = [(_SPACE + word, n) for word, n in self.counted()]
        pieces = learn_unigram(words, most, self.longest)
        return {
            "words": [piece for piece, _ in pieces],
            "scores": [score for _, score in pieces],
        }


def _greedy(best, steps, sizes):
    """The pieces from the left, padded with -1, and whether all could be cut.

    `best` is the longest piece at each character, `steps` its length.
    """
    rows = tf.range(tf.shape(sizes)[0])

    def go(count, place, good, ids):
        inside = place < sizes
        spot = tf.stack([rows, tf.minimum(place, sizes - 1)], 1)
        width = tf.where(inside, tf.gather_nd(steps, spot), 0)
        good = good & (~inside | (width > 0))
        ids = ids.write(count, tf.where(inside, tf.gather_nd(best, spot), -1))
        # A word that fails is over.
        return count + 1, tf.where(good, place + width, sizes), good, ids

    zero = tf.zeros_like(sizes)
    ids = tf.TensorArray(tf.int32, 0, dynamic_size=True)
    _, _, good, ids = tf.while_loop(
        lambda count, place, good, ids: tf.reduce_any(place < sizes),
        go,
        (0, zero, tf.equal(zero, 0), ids),
    )
    return tf.transpose(ids.stack()), good


def _viterbi(matches, scores):
    """The length less one of the last piece of the best cut of each start.

    (words, characters, longest) numbers to (characters, words) lengths.
    """
    longest = matches.shape[-1]
    values = tf.where(
        matches >= 0,
        tf.gather(scores, tf.maximum(matches, 0)),
        tf.constant(-np.inf, tf.float64),
    )
    count = tf.shape(matches)[1]
    # By the place where a piece ends: moved on by its length less one.
    ends = tf.stack(
        [
            tf.pad(
                values[:, :, k],
                [[0, 0], [k, 0]],
                constant_values=-np.inf,
            )[:, :count]
            for k in range(longest)
        ],
        -1,
    )

    def step(carry, end):
        window, _ = carry
        total = window + end
        best = tf.reduce_max(total, -1, keepdims=True)
        window = tf.concat([best, window[:, :-1]], -1)
        return window, tf.argmax(total, -1, output_type=tf.int32)

    start = tf.one_hot(
        tf.zeros_like(matches[:, 0, 0]),
        longest,
        on_value=tf.constant(0.0, tf.float64),
        off_value=tf.constant(-np.inf, tf.float64),
        dtype=tf.float64,
    )
    first = (start, tf.zeros_like(matches[:, 0, 0]))
    return tf.scan(step, tf.transpose(ends, (1, 0, 2)), first)[1]


def _trace(matches, steps, sizes):
    """The pieces of the best cuts, from the left, padded with -1."""
    rows = tf.range(tf.shape(sizes)[0])

    def go(count, place, ids):
        inside = place > 0
        last = tf.maximum(place - 1, 0)
        width = tf.gather_nd(steps, tf.stack([last, rows], 1))
        start = tf.maximum(last - width, 0)
        piece = tf.gather_nd(matches, tf.stack([rows, start, width], 1))
        ids = ids.write(count, tf.where(inside, piece, -1))
        return count + 1, tf.where(inside, start, 0), ids

    ids = tf.TensorArray(tf.int32, 0, dynamic_size=True)
    _, _, ids = tf.while_loop(
        lambda count, place, ids: tf.reduce_any(place > 0), go, (0, sizes, ids)
    )
    found = tf.transpose(ids.stack())
    count = tf.reduce_sum(tf.cast(found >= 0, tf.int32), 1)
    return tf.reverse_sequence(found, count, seq_axis=1)


def _ragged(ids):
    """Leaves -1 out of a matrix."""
    keep = ids >= 0
    return tf.RaggedTensor.from_row_lengths(
        tf.boolean_mask(ids, keep),
        tf.reduce_sum(tf.cast(keep, tf.int64), 1),
    )


def _replaced(pieces, own, number):
    """Gives the marked words one piece, `number`."""
    # A column more, so that there is one for words without pieces.
    matrix = tf.pad(pieces.to_tensor(-1), [[0, 0], [0, 1]], constant_values=-1)
    place = tf.equal(tf.range(tf.shape(matrix)[1]), 0)
    single = tf.where(place, number, -1) + tf.zeros_like(matrix)
    return _ragged(tf.where(own[:, None], single, matrix))
