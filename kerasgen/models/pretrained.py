"""Vectors of words that were learnt elsewhere, from a file of text."""

import pathlib

import numpy as np

from kerasgen.core import instance, message, say


def read_embeddings(path, vocabulary, seed=0):
    """Reads the vectors of a vocabulary, as GloVe and fastText write them.

    A line is a word and its numbers, between blanks; a first line of two
    numbers is passed over. A word that the file lacks takes the vector of its
    lower case, and where there is none either, a random one as long as those
    of the file; padding takes zeros.

    Args:
        path: path of the file.
        vocabulary: list of str, what each id stands for.
        seed: int, decides the random ones.

    Returns:
        float32 array (words, width).

    Raises:
        ValueError: for a file that isn't there, lines of different lengths or
            that aren't numbers, or a file that has none of the words.
        TypeError: for a vocabulary that is a number: its words are needed.

    Example:
        >>> import tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "vectors.txt")
        >>> _ = path.write_text("the 0.5 1.0\\ncat 1.0 -1.0\\n")
        >>> read_embeddings(path, ["[PAD]", "cat"]).tolist()
        [[0.0, 0.0], [1.0, -1.0]]
    """
    instance("read_embeddings", "vocabulary", vocabulary, (list, tuple))
    path = pathlib.Path(path)
    if not path.is_file():
        raise ValueError(
            message(
                "read_embeddings",
                "`embeddings` must be the path of a text file with a word and "
                "its numbers on each line",
                {"embeddings": str(path)},
            )
        )
    wanted = {*vocabulary, *(word.lower() for word in vocabulary)}
    found = _vectors(path, wanted)
    own = [w for w in vocabulary if w in found or w.lower() in found]
    if not own:
        raise ValueError(
            message(
                "read_embeddings",
                f"{path} must have some of the words",
                {"words": list(vocabulary[:5])},
            )
        )
    table = np.stack(list(found.values()))
    width = table.shape[1]
    random = np.random.default_rng(seed)
    out = random.normal(0.0, table.std(), (len(vocabulary), width))
    out[0] = 0.0
    for place, word in enumerate(vocabulary):
        vector = found.get(word, found.get(word.lower()))
        if vector is not None:
            out[place] = vector
    say("%s: %d of %d words have a vector", path, len(own), len(vocabulary))
    return out.astype("float32")


def _vectors(path, wanted):
    found, width = {}, None
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            word, *values = line.rstrip().split(" ")
            if not values or (number == 1 and len(values) == 1):
                continue
            width = width or len(values)
            if len(values) != width:
                raise ValueError(
                    message(
                        "read_embeddings",
                        f"line {number} of {path} must have {width} numbers",
                        {"numbers": len(values)},
                    )
                )
            if word not in wanted:
                continue
            try:
                found[word] = np.array(values, "float32")
            except ValueError as error:
                raise ValueError(
                    message(
                        "read_embeddings",
                        f"line {number} of {path} must be a word and numbers",
                        {"line": line[:40]},
                    )
                ) from error
    return found
