"""Strings that are told in a sound, without the times of their symbols."""

import dataclasses

import numpy as np
from keras import ops

from kerasgen.core import Choice, Int, message, register
from kerasgen.losses import CTC
from kerasgen.metrics import SymbolErrorRate, edit_distance
from kerasgen.tasks.base import Measure, Task

DECODERS = Choice(("greedy", "beam"))


@register("task")
@dataclasses.dataclass(frozen=True)
class Transcription(Task):
    """A string of symbols for each example, learnt by CTC.

    Symbols are words ("one", "two"), which a text writes with spaces between;
    or, where the space itself is among them, letters.

    Args:
        symbols: tuple of str, all that a string is made of; the ten digits if
            none are told.
        decoder: "greedy" (the likeliest symbol of each frame) or "beam" (the
            likeliest string, over all ways to time it, of those that a search
            keeps).
        beam: int >= 1, how many strings that search keeps.

    Raises:
        ValueError: for symbols that are empty or come twice, or an argument
            out of range.

    Source:
        Graves et al., "Connectionist Temporal Classification", 2006,
        doi:10.1145/1143844.1143891; error rates of words and characters are
        edits over lengths, both summed over all strings.

    Example:
        >>> task = Transcription(("a", "b", " "))
        >>> task.encode(["ab a", "b"]).tolist()
        [[0, 1, 2, 0], [1, -1, -1, -1]]
    """

    symbols: tuple = tuple("0123456789")
    decoder: str = "greedy"
    beam: int = 16

    target = "symbols"

    def __post_init__(self):
        symbols = tuple(str(symbol) for symbol in self.symbols)
        letters = " " in symbols
        whole = all(
            s == " " or s and not set(s) & set(" \t\n") for s in symbols
        )
        if letters:
            whole = whole and all(len(s) == 1 for s in symbols)
        if not symbols or len(set(symbols)) < len(symbols) or not whole:
            raise ValueError(
                message(
                    "Transcription",
                    "`symbols` must differ, and be words without spaces or, "
                    "with the space among them, single letters",
                    {"symbols": symbols},
                )
            )
        DECODERS.check("Transcription", "decoder", self.decoder)
        Int(1).check("Transcription", "beam", self.beam)
        object.__setattr__(self, "symbols", symbols)

    @property
    def units(self):
        """int, a logit for each symbol, and one for the blank."""
        return len(self.symbols) + 1

    @property
    def between(self):
        """str, what a text has between two symbols."""
        return "" if " " in self.symbols else " "

    @property
    def spelt(self):
        """dict of an answer that is text: of which numbers, and how."""
        return {"text": ("symbols", self.symbols, self.between)}

    def encode(self, texts):
        """Writes texts as whole numbers.

        Args:
            texts: list of str, or of lists of symbols; or whole numbers (n,
                length), which are checked alone.

        Returns:
            int64 array (n, length), -1 behind a string's end.

        Raises:
            ValueError: for what is no symbol.
        """
        found = np.asarray(texts) if not isinstance(texts, list) else texts
        if getattr(found, "ndim", 1) == 2 and found.dtype.kind in "iu":
            self.check(found)
            return found.astype("int64")
        place = {symbol: index for index, symbol in enumerate(self.symbols)}
        rows = [self._cut(text) for text in texts]
        strange = sorted({s for row in rows for s in row} - set(place))
        if strange:
            raise ValueError(
                message(
                    "Transcription",
                    f"texts must be of the symbols {self.symbols}",
                    {"unknown": strange[:5]},
                )
            )
        y = np.full((len(rows), max(map(len, rows), default=0)), -1, "int64")
        for index, row in enumerate(rows):
            y[index, : len(row)] = [place[symbol] for symbol in row]
        return y

    def _cut(self, text):
        if not isinstance(text, str):
            return [str(symbol) for symbol in text]
        return text.split() if self.between else list(text)

    def spell(self, numbers):
        """Writes whole numbers as texts.

        Args:
            numbers: int array (n, length), -1 behind a string's end.

        Returns:
            list of str.

        Example:
            >>> Transcription().spell([[3, 1, -1]])
            ['3 1']
        """
        return [
            self.between.join(self.symbols[i] for i in row if i >= 0)
            for row in np.asarray(numbers).tolist()
        ]

    def loss(self):
        """CTC on logits."""
        return CTC()

    def metrics(self):
        """Error rate of symbols, by the best path."""
        return [SymbolErrorRate()]

    def measures(self):
        """Word error rate first, then that of characters and whole strings."""
        return [
            Measure("wer", self._words, "lower", reduce=_rate),
            Measure("cer", self._characters, "lower", reduce=_rate),
            Measure("whole", self._whole, exact=True),
        ]

    def _texts(self, y, outputs):
        found = self.decoded(ops.convert_to_tensor(outputs, "float32"))[0]
        return self.spell(y), self.spell(ops.convert_to_numpy(found))

    def _words(self, y, outputs):
        return _edits(*self._texts(y, outputs), str.split)

    def _characters(self, y, outputs):
        return _edits(*self._texts(y, outputs), list)

    def _whole(self, y, outputs):
        pairs = zip(*self._texts(y, outputs), strict=True)
        return np.array([float(a == b) for a, b in pairs])

    def decoded(self, outputs):
        """Reads strings from logits.

        Args:
            outputs: float tensor (batch, frames, symbols + 1).

        Returns:
            int32 tensor (batch, frames), -1 behind a string's end, and
            float32 (batch,), the logarithm of the probability of the path, or
            of the string among those of the beam.
        """
        logs = ops.log_softmax(outputs, -1)
        count, frames = ops.shape(outputs)[0], outputs.shape[1]
        found, score = ops.ctc_decode(
            logs,
            ops.zeros((count,), "int32") + frames,
            "greedy" if self.decoder == "greedy" else "beam_search",
            beam_width=self.beam,
            mask_index=self.units - 1,
        )
        score = ops.reshape(score, (-1,))
        # The best path comes with the negative of its logits' sum.
        score = -score if self.decoder == "greedy" else score
        return ops.reshape(found[0], (-1, frames)), score

    def predict(self, outputs):
        """Gives the string's symbols, and how likely it is.

        Args:
            outputs: float tensor (batch, frames, symbols + 1), logits.

        Returns:
            dict with `symbols` (batch, frames) int, -1 behind the end, and
            `score` (batch,), a logarithm; the exporter adds the `text`.
        """
        found, score = self.decoded(ops.cast(outputs, "float32"))
        return {"symbols": found, "score": score}

    def check(self, y, where="Transcription"):
        """Checks that there are whole numbers (n, length), -1 at the end."""
        y = np.asarray(y)
        fits = y.ndim == 2 and y.dtype.kind in "iu"
        fits = fits and (y >= -1).all() and (y < len(self.symbols)).all()
        fits = fits and (np.diff((y >= 0).astype("int8"), axis=1) <= 0).all()
        if not fits:
            raise ValueError(
                message(
                    where,
                    "strings must be whole numbers (n, length) from 0 to "
                    f"{len(self.symbols) - 1}, and -1 behind their end",
                    {"shape": y.shape, "dtype": str(y.dtype)},
                    "Transcription.encode makes them from texts.",
                )
            )


def _edits(truths, answers, cut):
    """Edits and lengths (n, 2)."""
    pairs = [
        (edit_distance(cut(a), cut(b)), len(cut(a)))
        for a, b in zip(truths, answers, strict=True)
    ]
    return np.array(pairs, "float64").reshape(-1, 2)


def _rate(values):
    edits, lengths = np.asarray(values).sum(0)
    return edits / max(lengths, 1.0)
