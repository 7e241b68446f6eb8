"""DivideMix (Li et al., 2020): labels that look wrong are thrown away."""

import keras
from keras import ops

from kerasgen.core import Float, Int, beta_share, mean, register
from kerasgen.methods.co_teaching import fellow
from kerasgen.methods.indexed import MEMORY, ROOM, Indexed
from kerasgen.methods.mixture import chance_of_low, improved, start
from kerasgen.methods.small_loss import example_losses


@register("method")
class DivideMix(Indexed):
    """Two networks that tell each other which labels to trust.

    The losses of each network on all examples are a mixture of two normal
    distributions: of right labels, with the lower mean, and of wrong ones.
    For the other network, an example that is likelier right keeps its label,
    mixed with the networks' answer as far as it is in doubt; the rest lose
    theirs, and learn the networks' answer. Examples are mixed in pairs.
    Training metrics compare mixed outputs with the first examples' labels
    and look worse than they are.

    Args:
        model: keras.Model of float inputs, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        warm_up: int >= 0, the steps before labels are doubted, one epoch or
            more; then the weight of answers grows for as many.
        threshold: float in [0, 1], the least chance of a label that is kept.
        temperature: float > 0, of what stands in for labels: below 1 it is
            sharper than the answer.
        alpha: float >= 0, both parameters of the Beta distribution of the
            mixture's shares; 0 mixes nothing.
        weight: float >= 0, of examples without their label.
        balance: float >= 0, of the gap between the mean answer and equal
            classes.
        memory: int >= 1, at least the number of training examples.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the task has
            no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Li et al., "DivideMix: Learning with Noisy Labels as Semi-supervised
        Learning", 2020, arXiv:2002.07394, equations 3 to 11. The networks
        learn at once, in one batch of both kinds; their answer is the mean of
        both over an example's visits, instead of over augmentations; a batch
        has one share of mixing, from the first step on; the mixture is fitted
        by a step of expectation maximization after each batch. The pull to
        equal classes should be 0 where classes are unequal. The model for the
        end is the first network, not both.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = DivideMix(model, kg.Classification(2), memory=8)
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> seen = {"inputs": x, "index": ops.arange(8)}
        >>> sorted(method.fit(seen, y, verbose=0).history)
        ['accuracy', 'answers', 'balance', 'loss', 'task']
    """

    arguments = {
        "warm_up": Int(0, search=(200, 5000), log=True),
        "threshold": Float(0.0, 1.0, search=(0.3, 0.8)),
        "temperature": Float(1e-3, search=(0.2, 1.0)),
        "alpha": Float(0.0, search=(0.0, 4.0)),
        "weight": Float(0.0, search=(0.3, 30.0), log=True),
        "balance": Float(0.0, search=(0.0, 1.0)),
        "memory": MEMORY,
    }
    terms = ("task", "answers", "balance")

    def __init__(
        self,
        model,
        task,
        *,
        warm_up=1000,
        threshold=0.5,
        temperature=0.5,
        alpha=4.0,
        weight=5.0,
        balance=1.0,
        memory=ROOM,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            warm_up=warm_up,
            threshold=threshold,
            temperature=temperature,
            alpha=alpha,
            weight=weight,
            balance=balance,
            memory=memory,
        )
        self.second = fellow(model)
        self._seed = keras.random.SeedGenerator()
        # Losses below zero are of examples not yet seen.
        minus = keras.initializers.Constant(-1.0)
        self.lost = self.table("losses", 2, initializer=minus)
        self.answers = self.table("answers", task.classes)
        self.mixture = self.add_weight(
            shape=(3, 2, 2),
            initializer=keras.initializers.Constant(start()),
            trainable=False,
            dtype="float32",
            aggregation="mean",
            name="mixture",
        )

    def players(self):
        """Names who moves: both networks at once."""
        return {
            "model": [
                *self.model.trainable_variables,
                *self.second.trainable_variables,
            ]
        }

    def objective(self, batch):
        """Gives the three terms of both networks; see `Method.objective`."""
        places = self.places(batch)
        given = self.distributions(batch["y"])
        late = ops.cast(self.optimizer.iterations, "float32") - self.warm_up
        doubt = ops.cast(late >= 0, "float32")
        ramp = ops.clip(late / max(self.warm_up, 1), 0.0, 1.0)
        known = ops.take(self.lost, places, axis=0)
        chances = chance_of_low(self.lost, self.mixture, known)
        answer = ops.take(self.answers, places, axis=0)
        terms = dict.fromkeys(self.terms, 0.0)
        first = None
        for own, net in enumerate((self.model, self.second)):
            # Each network is told by the other's losses.
            trust = chances[:, 1 - own]
            trust = 1.0 - doubt * (1.0 - trust)
            kept = ops.cast(trust >= self.threshold, "float32")
            target = self._refined(given, answer, trust * kept, doubt)
            x, target, kept = self._mixed(batch["x"], target, kept)
            outputs = net(x, training=True)
            first = outputs if first is None else first
            found = self._terms(outputs, target, kept, doubt)
            scales = (0.5, 0.5 * self.weight * ramp, 0.5 * self.balance * doubt)
            for name, scale, value in zip(
                self.terms, scales, found, strict=True
            ):
                terms[name] = terms[name] + scale * value
        return terms, first

    def settle(self, batch, outputs):
        """Remembers losses and answers; see `Method.settle`."""
        places = self.places(batch)
        seen = [
            ops.cast(net(batch["x"], training=False), "float32")
            for net in (self.model, self.second)
        ]
        lost = [example_losses(self, batch, each) for each in seen]
        self.write(self.lost, places, ops.stack(lost, -1))
        old = ops.take(self.answers, places, axis=0)
        new = 0.5 * sum(ops.softmax(each, -1) for each in seen)
        # The first visit has no past to average with.
        fresh = ops.cast(ops.sum(old, -1, keepdims=True) < 0.5, "float32")
        share = 0.5 + 0.5 * fresh
        self.write(self.answers, places, old + share * (new - old))
        self.mixture.assign(improved(self.lost, self.mixture))

    def _refined(self, given, answer, trust, doubt):
        mixed = trust[:, None] * given + (1.0 - trust[:, None]) * answer
        sharp = ops.maximum(mixed, 1e-12) ** (1.0 / self.temperature)
        sharp = sharp / ops.sum(sharp, -1, keepdims=True)
        return ops.stop_gradient(doubt * sharp + (1.0 - doubt) * given)

    def _mixed(self, x, target, kept):
        if not self.alpha:
            return x, target, kept
        share = beta_share(self.alpha, self._seed)
        share = ops.maximum(share, 1.0 - share)
        order = keras.random.shuffle(
            ops.arange(ops.shape(target)[0]), seed=self._seed
        )

        def mix(values):
            values = ops.cast(values, "float32")
            return share * values + (1.0 - share) * ops.take(
                values, order, axis=0
            )

        # The first of a pair says which of the two losses is its.
        return mix(x), mix(target), kept

    def _terms(self, outputs, target, kept, doubt):
        """Cross-entropy of labels, squares of answers, and the balance."""
        logs = ops.log_softmax(ops.cast(outputs, "float32"), -1)
        shares = ops.exp(logs)
        classes = target.shape[-1]
        right = -ops.sum(target * logs, -1)
        apart = ops.mean(ops.square(shares - target), -1)
        middle = ops.mean(shares, 0)
        uneven = -ops.mean(ops.log(ops.maximum(classes * middle, 1e-12)))
        part = mean(kept)
        rest = mean(1.0 - kept)
        one = mean(ops.ones((1,)))
        return (
            one * mean(kept * right) / ops.maximum(part, 1e-6),
            one * mean((1.0 - kept) * apart) / ops.maximum(rest, 1e-6),
            one * uneven,
        )
