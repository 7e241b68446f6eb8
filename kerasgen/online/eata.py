"""EATA (Niu et al., 2022): learn from few, and don't forget the source."""

import math

import keras
from keras import ops

from kerasgen.core import (
    Float,
    compiled,
    message,
    register,
    value_and_gradients,
)
from kerasgen.online.tent import TENT, entropies


@register("adapter")
class EATA(TENT):
    """TENT by predictions that are sure and new, tied to the source.

    Unsure predictions and those like the average one teach nothing. Weights
    that mattered for the source are held where they are, once `anchor` has
    seen examples of it, which need no labels.

    Args:
        model: keras.Model with normalization, logits (batch, classes) out.
        learning_rate: float >= 0, of Adam.
        entropy: float in [0, 1], the greatest entropy that teaches, as a
            share of that of an even guess.
        likeness: float in [0, 1], the greatest cosine with the average
            prediction that teaches.
        hold: float >= 0, the weight of what ties weights to the source; it
            is without effect before `anchor`.
        alpha: float in [0, 1], the greatest share of the batch's statistics.
        prior: float >= 0, how many examples the source's statistics count as.
        memory: int >= 0, the examples kept for streams whose classes come
            one after the other; 0 is the published method.
        name: str, the name of the Keras model.

    Raises:
        ValueError: for a model without normalization, or an argument out of
            range.
        TypeError: for a model that is no keras.Model.

    Source:
        Niu et al., "Efficient Test-Time Model Adaptation without Forgetting",
        2022, arXiv:2204.02610, equations 2 to 9, with their figures for
        CIFAR-10. As in their code, the importance of a weight comes from the
        gradients of batches, not of single examples.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> live = EATA(model)
        >>> live.anchor([keras.ops.ones((8, 4))])
        >>> live.predict(keras.ops.ones((8, 4)), verbose=0).shape
        (8, 2)
    """

    arguments = {
        **TENT.arguments,
        "entropy": Float(0.0, 1.0),
        "likeness": Float(0.0, 1.0),
        "hold": Float(0.0),
    }

    def __init__(
        self,
        model,
        *,
        learning_rate=1e-3,
        entropy=0.4,
        likeness=0.4,
        hold=1.0,
        alpha=1.0,
        prior=16.0,
        memory=0,
        name=None,
    ):
        super().__init__(
            model,
            learning_rate=learning_rate,
            entropy=entropy,
            likeness=likeness,
            hold=hold,
            alpha=alpha,
            prior=prior,
            memory=memory,
            name=name,
        )
        shape = self.model.output_shape
        if not isinstance(shape, tuple) or len(shape) != 2 or shape[1] < 2:
            raise ValueError(
                message(
                    "EATA",
                    "the model must give logits (batch, classes)",
                    {"output_shape": shape},
                    "TENT takes other shapes.",
                )
            )
        self.usual = self.add_weight(
            shape=(shape[1],),
            initializer="zeros",
            trainable=False,
            name="usual",
        )
        self.importance = [
            self.add_weight(
                shape=variable.shape,
                initializer="zeros",
                trainable=False,
                name=f"importance_{index}",
            )
            for index, variable in enumerate(self.moved)
        ]

    def anchor(self, batches):
        """Learns from examples of the source which weights mattered there.

        Args:
            batches: iterable of inputs `x`, or of tuples that begin with it.

        Raises:
            ValueError: where there is no batch.
        """

        def squares(x):
            def objective():
                logits = ops.cast(self.model(x, training=False), "float32")
                guess = ops.stop_gradient(ops.argmax(logits, -1))
                loss = keras.losses.sparse_categorical_crossentropy(
                    guess, logits, from_logits=True
                )
                return {"loss": ops.mean(loss)}, None

            gradients = value_and_gradients(objective, self.moved)[2]
            return [ops.square(gradient) for gradient in gradients]

        squares, found, count = compiled(squares), None, 0
        for batch in batches:
            x = batch[0] if isinstance(batch, (tuple, list)) else batch
            each = squares(ops.convert_to_tensor(x))
            found = each if found is None else list(map(ops.add, found, each))
            count += 1
        if not count:
            raise ValueError(
                message(
                    "EATA.anchor",
                    "there must be a batch of the source",
                    {"batches": 0},
                )
            )
        for variable, value in zip(self.importance, found, strict=True):
            variable.assign(value / count)

    def loss_of(self, logits, rows):
        """Gives the weighed entropy and the tie; see `Adapter.loss_of`."""
        logits = ops.cast(logits, "float32")
        lost = entropies(logits)
        limit = self.entropy * math.log(logits.shape[-1])
        shares = ops.stop_gradient(ops.softmax(logits))
        usual = ops.convert_to_tensor(self.usual)
        cosine = ops.matmul(shares, usual[:, None])[:, 0] / ops.maximum(
            ops.norm(shares, axis=-1) * ops.norm(usual), 1e-12
        )
        fresh = ops.all(ops.equal(usual, 0.0))
        new = ops.logical_or(fresh, ops.abs(cosine) < self.likeness)
        sure = lost < limit
        taught = ops.cast(sure & new, "float32") * rows
        many = ops.sum(taught)
        mean = ops.sum(shares * taught[:, None], 0) / ops.maximum(many, 1.0)
        moved = ops.where(fresh, mean, 0.9 * usual + 0.1 * mean)
        self.usual.assign(ops.where(many > 0, moved, usual))
        factor = ops.exp(limit - ops.stop_gradient(lost)) * taught
        loss = ops.sum(factor * lost) / ops.maximum(many, 1.0)
        tie = sum(
            ops.sum(weight * ops.square(variable - place))
            for weight, variable, place in zip(
                self.importance, self.moved, self.home, strict=True
            )
        )
        return loss + self.hold * tie

    def reset(self):
        """Goes back to the source, whose importance stays known."""
        super().reset()
        self.usual.assign(ops.zeros_like(self.usual))
