"""Trie: every piece of a vocabulary that starts at each character."""

import numpy as np
import tensorflow as tf

from kerasgen.data.prepare.lookup import number_table

# Code points need 21 bits; the last number of them stands for no character.
_BITS = 21
NO_CHARACTER = 2**_BITS - 1


class Trie:
    """Pieces in a tree, walked by all characters of a batch at once.

    Args:
        pieces: list of (root, text): the tree that the piece belongs to (0,
            1, ...), and its characters, one at least.
        roots: int >= 1, the number of trees.

    Example:
        >>> trie = Trie([(0, "a"), (0, "ab")])
        >>> codes = tf.constant([[97, 98]])
        >>> trie.matches(codes, tf.zeros_like(codes)).numpy().tolist()
        [[[0, 1], [-1, -1]]]
    """

    def __init__(self, pieces, roots=1):
        edges, accepts = {}, dict.fromkeys(range(roots), -1)
        for number, (root, text) in enumerate(pieces):
            node = root
            for character in text:
                key = node << _BITS | ord(character)
                node = edges.setdefault(key, roots + len(edges))
            accepts[node] = number
        nodes = roots + len(edges)
        self._accepts = np.array(
            [accepts.get(node, -1) for node in range(nodes)], "int32"
        )
        self.longest = max((len(text) for _, text in pieces), default=1)
        self.table = number_table(
            np.fromiter(edges.keys(), "int64", len(edges)),
            np.fromiter(edges.values(), "int32", len(edges)),
        )

    def matches(self, codes, roots):
        """Finds the pieces that start at each character.

        Args:
            codes: int32 tensor (words, characters) of code points, padded
                with `NO_CHARACTER`.
            roots: int32 tensor of the same shape, the tree to start in.

        Returns:
            int32 tensor (words, characters, longest): the number of the piece
            of 1, 2, ... characters, or -1.
        """
        accepts = tf.constant(self._accepts)
        node, ahead, found = tf.cast(roots, tf.int64), codes, []
        for _ in range(self.longest):
            key = tf.bitwise.left_shift(node, tf.constant(_BITS, tf.int64))
            key = tf.bitwise.bitwise_or(key, tf.cast(ahead, tf.int64))
            node = tf.where(node < 0, node, key)
            node = tf.cast(self.table.lookup(node), tf.int64)
            piece = tf.gather(accepts, tf.maximum(node, 0))
            found.append(tf.where(node < 0, -1, piece))
            ahead = tf.pad(
                ahead[:, 1:], [[0, 0], [0, 1]], constant_values=NO_CHARACTER
            )
        return tf.stack(found, -1)


def code_points(words):
    """Decodes words.

    Args:
        words: string tensor (words,).

    Returns:
        int32 tensor (words, characters), padded with `NO_CHARACTER`, and
        int32 tensor (words,) of the numbers of characters.

    Example:
        >>> code_points(tf.constant(["ab", ""]))[1].numpy().tolist()
        [2, 0]
    """
    codes = tf.strings.unicode_decode(words, "UTF-8")
    return codes.to_tensor(NO_CHARACTER), tf.cast(codes.row_lengths(), tf.int32)
