"""What methods of unequal classes share: how often each class comes."""

from keras import ops

from kerasgen.core import mean
from kerasgen.methods.base import Method
from kerasgen.methods.vat import needs_classes


class ClassBalance(Method):
    """A method that counts the classes that training shows it.

    Weights of classes are taken from the counts up to the batch before, so
    that nobody has to say beforehand how frequent classes are.
    """

    def __init__(self, model, task, **kwargs):
        super().__init__(model, task, **kwargs)
        needs_classes(self)
        self.seen = self.add_weight(
            shape=(task.classes,),
            initializer="zeros",
            trainable=False,
            dtype="float32",
            aggregation="mean",
            name="seen",
        )

    def settle(self, batch, outputs):
        """Counts the batch's classes; see `Method.settle`."""
        found = ops.sum(self.distributions(batch["y"]), 0)
        # Replicas see different examples, and their counts are averaged.
        self.seen.assign_add(found / mean(ops.ones((1,))))

    def class_weights(self, power):
        """Gives each class its weight.

        Args:
            power: float >= 0; weights are the classes' shares to the power of
                its negative: 0 weighs alike, 1 makes classes count alike.

        Returns:
            float32 tensor (classes,); its mean over examples is 1.
        """
        # One example more of each class, so that none is without a share.
        counts = ops.convert_to_tensor(self.seen) + 1.0
        shares = counts / ops.sum(counts)
        weights = shares ** (-power)
        return weights / ops.sum(weights * shares)

    def weigh(self, batch, weights):
        """Gives a batch in which classes have weights.

        Args:
            batch: dict with `y` and maybe `weight`.
            weights: float tensor (classes,).

        Returns:
            dict, the batch with `weight`.
        """
        weight = ops.matmul(self.distributions(batch["y"]), weights[:, None])
        weight = ops.reshape(weight, (-1,))
        if batch["weight"] is not None:
            own = ops.cast(ops.reshape(batch["weight"], (-1,)), "float32")
            weight = weight * own
        return {**batch, "weight": weight}
