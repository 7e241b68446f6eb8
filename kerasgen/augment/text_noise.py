"""Moves of the letters of a text: case and typing errors."""

from kerasgen.augment.letters import EDITS, KEYS, Letters, mistype, recase
from kerasgen.core import Choice, Float, register


@register("augment")
class CaseNoise(Letters):
    """Changes the case of words.

    Args:
        rate: float in [0, 1], the probability for each word; one that has the
            drawn case already stays as it is.
        style: "lower"; "upper"; "title", the first letter a capital; "mixed",
            each letter at random; "swap", each letter the other case; or
            "any" of the five for each word.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models
        with CheckList", 2020, arXiv:2005.04118 (invariance tests); the
        styles are ours.

    Example:
        >>> import tensorflow as tf
        >>> x = tf.constant(["élan vital"])
        >>> out = CaseNoise(rate=1.0, style="upper")({"x": x}, [0, 0])["x"]
        >>> out.numpy()[0].decode()
        'ÉLAN VITAL'
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 0.3)),
        "style": Choice(("any", "lower", "upper", "title", "mixed", "swap")),
    }

    def __init__(self, rate=0.1, style="any"):
        super().__init__(rate=rate, style=style)

    def change(self, text, seed):
        """Changes the case."""
        return recase(text, seed, self.rate, self.style)


@register("augment")
class Typos(Letters):
    """Makes typing errors: inserts, deletes, substitutes, transposes letters.

    No word becomes empty or two, so that tokens keep their tags.

    Args:
        rate: float in [0, 1], the expected errors of a letter.
        edit: "insert", "delete", "substitute", "transpose", or "any" for a
            quarter of each.
        keys: "qwerty", "qwertz" or "azerty", the keyboard whose neighbouring
            keys are hit, or "any" for letters that occur in the batch;
            letters without a key are replaced so in any case.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Belinkov & Bisk, "Synthetic and Natural Noise Both Break Neural
        Machine Translation", 2018, arXiv:1711.02173, section 3; Pruthi et
        al., 2019, arXiv:1905.11268, for the four edits.

    Example:
        >>> import tensorflow as tf
        >>> part = Typos(rate=1.0, edit="delete")
        >>> x = tf.constant(["to be or not"])
        >>> part({"x": x}, [0, 0])["x"].numpy()[0].decode()
        't b o n'
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 0.1)),
        "edit": Choice(("any", *EDITS)),
        "keys": Choice(KEYS),
    }

    def __init__(self, rate=0.02, edit="any", keys="qwerty"):
        super().__init__(rate=rate, edit=edit, keys=keys)

    def change(self, text, seed):
        """Makes errors."""
        return mistype(text, seed, self.rate, self.edit, self.keys)
