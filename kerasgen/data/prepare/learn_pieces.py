"""Pieces of words, learnt from counted words."""

import array
import collections
import heapq

import numpy as np
from scipy.special import digamma

_CONTINUED = "##"
# Characters with a piece of their own; rarer ones are unknown.
_ALPHABET = 1000
# Words of more characters are names of files and the like.
_WORD = 32
# The most frequent words tell enough of a language's pieces.
_WORDS = 2**16
_SEEDS = 10
_KEEP = 0.75
_ROUNDS = 2


def learn_word_pieces(words, size, longest=16):
    """Joins the most frequent pair of neighbours until there are enough.

    Args:
        words: list of (str, count), all different.
        size: int, the greatest number of pieces.
        longest: int, the greatest number of characters in a piece.

    Returns:
        list of str: the characters by their count, then the joined pieces in
        the order in which they were joined; those that go on a word start
        with "##".

    Example:
        >>> learn_word_pieces([("aab", 5), ("ab", 3)], 5)
        ['##b', 'a', '##a', '##ab', 'aab']
    """
    characters = collections.Counter()
    cut = []
    for word, count in words:
        symbols = [word[0], *(_CONTINUED + c for c in word[1:])]
        cut.append((symbols, count))
        for symbol in symbols:
            characters[symbol] += count
    order = sorted(characters.items(), key=lambda item: (-item[1], item[0]))
    pieces = [symbol for symbol, _ in order[: min(size, _ALPHABET)]]
    known = set(pieces)
    cut = [
        (s, n) for s, n in cut if known.issuperset(s) and len(s) <= 4 * _WORD
    ]
    pairs, places = collections.Counter(), collections.defaultdict(set)
    for number, (symbols, count) in enumerate(cut):
        for pair in zip(symbols, symbols[1:], strict=False):
            pairs[pair] += count
            places[pair].add(number)
    heap = [(-count, pair) for pair, count in pairs.items()]
    heapq.heapify(heap)
    while len(pieces) < size and heap:
        count, pair = heapq.heappop(heap)
        if -count != pairs[pair]:
            # The count fell since: it comes again with the true one.
            if pairs[pair] > 0:
                heapq.heappush(heap, (-pairs[pair], pair))
            continue
        joined = pair[0] + pair[1].removeprefix(_CONTINUED)
        if count == 0 or len(joined.removeprefix(_CONTINUED)) > longest:
            continue
        if joined not in known:
            known.add(joined)
            pieces.append(joined)
        for new in _join(cut, pair, joined, pairs, places):
            heapq.heappush(heap, (-pairs[new], new))
    return pieces


def _join(cut, pair, joined, pairs, places):
    """Joins a pair in every word; gives the pairs whose count rose."""
    risen = set()
    for number in places.pop(pair):
        symbols, count = cut[number]
        for old in zip(symbols, symbols[1:], strict=False):
            pairs[old] -= count
        place = 0
        while place < len(symbols) - 1:
            if (symbols[place], symbols[place + 1]) == pair:
                symbols[place : place + 2] = [joined]
            place += 1
        for new in zip(symbols, symbols[1:], strict=False):
            pairs[new] += count
            places[new].add(number)
            if joined in new:
                risen.add(new)
    return sorted(risen)


def learn_unigram(words, size, longest=16):
    """Fits a unigram model of pieces by expectation-maximization.

    All parts of words that come twice are the start, those of the 65,536 most
    frequent words of up to 32 characters. Each round fits the
    likelihoods and keeps the three quarters whose loss would cost most;
    single characters stay.

    Args:
        words: list of (str, count), all different, each with its mark of a
            word's beginning.
        size: int, the greatest number of pieces.
        longest: int, the greatest number of characters in a piece.

    Returns:
        list of (str, log-likelihood), the most likely first.

    Source:
        Kudo 2018, section 3.2, with SentencePiece's digamma for sparseness.

    Example:
        >>> pieces = learn_unigram([("_abab", 9), ("_ab", 9)], 5)
        >>> sorted(piece for piece, _ in pieces)
        ['_', '_ab', '_abab', 'a', 'b']
    """
    words = sorted(words, key=lambda item: (-item[1], item[0]))[:_WORDS]
    words = [(word, n) for word, n in words if len(word) <= _WORD]
    single, parts = collections.Counter(), collections.Counter()
    for word, count in words:
        for start in range(len(word)):
            single[word[start]] += count
            for stop in range(start + 2, min(len(word), start + longest) + 1):
                parts[word[start:stop]] += count
    order = sorted(single.items(), key=lambda item: (-item[1], item[0]))
    single = dict(order[: min(size, _ALPHABET)])
    frequent = [(p, n) for p, n in parts.items() if n > 1]
    frequent = [(p, n) for p, n in frequent if all(c in single for c in p)]
    frequent.sort(key=lambda item: (-item[1] * len(item[0]), item[0]))
    weights = {**single, **dict(frequent[: _SEEDS * size])}
    if not weights:
        return []
    total = sum(weights.values())
    model = {piece: np.log(n / total) for piece, n in weights.items()}
    while True:
        model, expected = _fit(model, words, single)
        if len(model) <= size:
            break
        count = max(size, int(_KEEP * len(model)))
        model = _prune(model, expected, single, count)
    return sorted(
        ((piece, float(score)) for piece, score in model.items()),
        key=lambda item: (-item[1], item[0]),
    )


class _Lattice:
    """Every piece in every word, as arrays that whole steps go through."""

    def __init__(self, words, pieces, whole=True):
        numbers = {piece: i for i, piece in enumerate(pieces)}
        longest = max(map(len, pieces), default=1)
        found = array.array("q")
        for row, word in enumerate(words):
            for start in range(len(word)):
                most = min(len(word), start + longest)
                for stop in range(start + 1, most + 1):
                    piece = numbers.get(word[start:stop])
                    own = not whole and stop - start == len(word) > 1
                    if piece is not None and not own:
                        found.extend((row, start, stop, piece))
        edges = np.frombuffer(found, "int64") if found else np.zeros(0, "int64")
        edges = edges.reshape(-1, 4)
        self.rows = len(words)
        self.sizes = np.array([len(word) for word in words], "int64")
        self.width = int(self.sizes.max(initial=0)) + 1
        self._by_stop = self._grouped(edges, 2)
        self._by_start = self._grouped(edges, 1)

    def _grouped(self, edges, column):
        order = np.argsort(edges[:, column], kind="stable")
        edges = edges[order]
        cuts = np.searchsorted(edges[:, column], np.arange(self.width + 1))
        return [edges[a:b] for a, b in zip(cuts, cuts[1:], strict=False)]

    def forward(self, chances):
        """The chance of each word's beginnings (words, width)."""
        alpha = np.zeros((self.rows, self.width))
        alpha[:, 0] = 1.0
        for stop in range(1, self.width):
            row, start, _, piece = self._by_stop[stop].T
            share = alpha[row, start] * chances[piece]
            alpha[:, stop] = np.bincount(row, share, self.rows)
        return alpha

    def best(self, scores):
        """The log-likelihood of the best cut of each word (words,)."""
        best = np.full((self.rows, self.width), -np.inf)
        best[:, 0] = 0.0
        for stop in range(1, self.width):
            row, start, _, piece = self._by_stop[stop].T
            np.maximum.at(best[:, stop], row, best[row, start] + scores[piece])
        return best[np.arange(self.rows), self.sizes]

    def expect(self, chances, counts):
        """How often each piece is expected in the words of these counts."""
        alpha = self.forward(chances)
        whole = alpha[np.arange(self.rows), self.sizes]
        beta = np.zeros((self.rows, self.width))
        scale = np.divide(counts, whole, where=whole > 0, out=0 * whole)
        beta[np.arange(self.rows), self.sizes] = scale
        total = np.zeros(len(chances))
        for start in range(self.width - 1, -1, -1):
            row, _, stop, piece = self._by_start[start].T
            share = chances[piece] * beta[row, stop]
            total += np.bincount(piece, share * alpha[row, start], len(chances))
            beta[:, start] += np.bincount(row, share, self.rows)
        return total


def _fit(model, words, single):
    """A few steps of expectation-maximization; rare pieces drop out."""
    pieces = list(model)
    lattice = _Lattice([word for word, _ in words], pieces)
    chances = np.exp(np.array([model[piece] for piece in pieces]))
    counts = np.array([count for _, count in words], "float64")
    alone = np.array([piece in single for piece in pieces])
    for _ in range(_ROUNDS):
        expected = lattice.expect(chances, counts)
        kept = (expected >= 0.5) | alone
        expected = np.where(kept, np.maximum(expected, 0.5), 0.0)
        scores = digamma(np.where(kept, expected, 1.0))
        scores = scores - digamma(expected.sum())
        chances = np.where(kept, np.exp(scores), 0.0)
    fitted = {pieces[i]: scores[i] for i in np.flatnonzero(kept)}
    return fitted, {pieces[i]: expected[i] for i in np.flatnonzero(kept)}


def _prune(model, expected, single, count):
    """Keeps `count` pieces: those whose best own cut would lose most."""
    pieces = [piece for piece in model if piece not in single]
    known = list(model)
    scores = np.array([model[piece] for piece in known])
    other = _Lattice(pieces, known, whole=False).best(scores)
    own = np.array([model[piece] for piece in pieces])
    weight = np.array([expected[piece] for piece in pieces])
    order = np.argsort(-weight * (own - other), kind="stable")
    kept = [pieces[i] for i in order[: max(0, count - len(single))]]
    return {piece: model[piece] for piece in [*single, *kept]}
