"""PGD on embedded words: what moves of their vectors alone can do."""

import numpy as np
from keras import ops

from kerasgen.attacks.ball import ascent, length, project
from kerasgen.attacks.base import Attack
from kerasgen.attacks.climb import climb
from kerasgen.attacks.ranges import STEPS, Wholes
from kerasgen.attacks.tokens import embedded, embedding_of, words
from kerasgen.attacks.victim import Victim
from kerasgen.core import Choice, Float, Int, register


@register("attack")
class EmbeddingPGD(Attack):
    """Moves the vectors of a text's words within a ball.

    No sentence need lie where the vectors end: this bounds from below what
    changed words may do, and is what adversarial training on texts uses. The
    model's Embedding layer is found. What is given are the vectors; `answers`
    says what the model makes of them.

    Args:
        epsilon: float >= 0, the radius for each word, as a share of the mean
            length of the words' vectors.
        norm: "inf" or "2", of each word's change; for "inf" the radius is
            that of one number, as a share of the vectors' root mean square.
        steps: int >= 1.
        size: float >= 0, of a step, as a share of the radius; 0 takes 2.5 /
            steps.
        restarts: int >= 1, from random places; the first starts at the text.
        keep: tuple of int, the tokens that stay, such as that of padding.
        targeted: bool, whether labels are targets to reach.

    Raises:
        ValueError: for an argument out of range, inputs that are no tokens,
            or a model without an Embedding layer.

    Source:
        Miyato et al., "Adversarial Training Methods for Semi-Supervised Text
        Classification", 2017, arXiv:1605.07725, section 3, with PGD's steps
        (Madry et al., 2018, arXiv:1706.06083) and a ball for each word
        instead of one for the text.

    Example:
        >>> import keras
        >>> inputs = keras.Input((3,), dtype="int32")
        >>> hidden = keras.layers.Embedding(9, 4)(inputs)
        >>> hidden = keras.layers.GlobalAveragePooling1D()(hidden)
        >>> model = keras.Model(inputs, keras.layers.Dense(2)(hidden))
        >>> x = np.array([[1, 2, 0]])
        >>> found = EmbeddingPGD(epsilon=0.5)(model, x, np.array([0]))
        >>> found.shape
        (1, 3, 4)
    """

    arguments = {
        "epsilon": Float(0.0),
        "norm": Choice(("inf", "2")),
        "steps": STEPS,
        "size": Float(0.0),
        "restarts": Int(1),
        "keep": Wholes(),
        "targeted": Choice((True, False)),
    }
    kind = "text"

    def __init__(
        self,
        epsilon=0.5,
        norm="2",
        steps=10,
        size=0.0,
        restarts=1,
        keep=(0,),
        targeted=False,
    ):
        super().__init__(
            epsilon=epsilon,
            norm=norm,
            steps=steps,
            size=size,
            restarts=restarts,
            keep=keep,
            targeted=targeted,
        )

    def read(self, x):
        """Gives tokens; see `Attack.read`."""
        return words(x, "EmbeddingPGD")

    def find(self, victim, x, y, random):
        """Gives the worst vectors of each text; see `Attack.find`."""
        layer = embedding_of(victim.model, x)
        table = ops.convert_to_numpy(layer.embeddings).astype("float32")
        radius = self.radius(table)
        packed = np.concatenate([table[x], x[..., None].astype("float32")], -1)
        free = ~np.isin(x, self.keep)[..., None]
        inner = Victim(
            embedded(victim.model, layer),
            victim.loss,
            victim.batch_size,
            victim.labels,
        )
        inner._asked = victim._asked
        size = (self.size or 2.5 / self.steps) * radius

        def within(place, near, free):
            step = (place - near)[..., :-1] * free
            flat = step.reshape(-1, step.shape[-1])
            step = project(flat, radius, self.norm).reshape(step.shape)
            return _with(near[..., :-1] + step, near)

        def start(turn, rows):
            began = packed[rows]
            if turn:
                drawn = random.normal(size=began.shape)
                drawn *= radius * random.random((len(began), 1, 1))
                drawn /= np.sqrt(began.shape[-1])
                began = within(began + drawn, began, free[rows])
            return began

        def move(place, slope, near, free):
            flat = slope[..., :-1].reshape(-1, slope.shape[-1] - 1)
            way = ascent(flat, self.norm).reshape(slope[..., :-1].shape)
            return within(_with(place[..., :-1] + size * way, near), near, free)

        return climb(
            inner,
            packed,
            y,
            start,
            move,
            (packed, free),
            steps=self.steps,
            restarts=self.restarts,
            targeted=self.targeted,
        )[..., :-1]

    def radius(self, table):
        """Gives how far a word's vector may move.

        Args:
            table: float array (tokens, width), the vectors.

        Returns:
            float.
        """
        size = float(length(table, "2").mean())
        if self.norm == "inf":
            size = float(np.sqrt((table**2).mean()))
        return self.epsilon * size

    def answers(self, model, x, found):
        """Gives the model's logits for changed vectors.

        Args:
            model: keras.Model.
            x: int array (n, words), the texts as they were.
            found: float array (n, words, width), what the attack gave.

        Returns:
            float32 array (n, classes).
        """
        layer = embedding_of(model, x)
        place = np.concatenate([found, x[..., None]], -1).astype("float32")
        return Victim(embedded(model, layer), None).logits(place)

    def inside(self, changed, x):
        """Gives the vectors, which are brought into the ball at each step."""
        return changed

    def _bounds(self, x):
        return -np.inf, np.inf


def _with(vectors, packed):
    return np.concatenate([vectors, packed[..., -1:]], -1).astype("float32")
