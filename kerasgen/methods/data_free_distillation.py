"""Data-free distillation (Chen et al., 2019): a generator makes the data."""

import keras
from keras import ops

from kerasgen.core import Float, Int, mean, message, register
from kerasgen.methods.base import Phase
from kerasgen.methods.semi_supervised import cross_entropy
from kerasgen.methods.smoothness import divergence
from kerasgen.methods.taught import TEACHER, Taught


@register("method")
class DataFreeDistillation(Taught):
    """Learns a teacher's answers on examples that a generator makes up.

    The generator moves first: the teacher is to be sure of its examples, of
    each class equally often; their statistics are to be those that the
    teacher's batch normalization remembers; and the student is to err on
    them. Then the student moves. `x` and `y` of a batch serve the metrics and
    tell how many examples are made.

    Args:
        model: keras.Model, the student, of one input of floats; logits out.
        task: kerasgen.Task with classes.
        teacher: trained keras.Model of the same inputs and outputs, a method
            that trained one, or the path of one; None: an average of the
            student's own past, which teaches nothing new.
        balance: float >= 0, of the lack of entropy of the mean answer.
        statistics: float >= 0, of the distance to the remembered statistics;
            counts only where the teacher has batch normalization, not that of
            models inside it.
        challenge: float >= 0, of the student's error, which the generator
            raises.
        temperature: float > 0, of the answers that the student learns.
        noise: int >= 1, the width of what examples are made from.
        width: int >= 1, of the generator's layers.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the teacher
            doesn't fit the model, the task has no classes, an argument is out
            of range, or the input isn't one tensor of floats.
        TypeError: for a model or teacher that is no keras.Model.

    Source:
        Chen et al., "Data-Free Learning of Student Networks", 2019,
        arXiv:1904.01186, equations 3 and 5; statistics: Yin et al., "Dreaming
        to Distill", 2020, arXiv:1912.08795, equation 4, here relative to the
        remembered variance; challenge: Fang et al., "Data-Free Adversarial
        Distillation", 2019, arXiv:1912.11006, here by the divergence.

    Example:
        >>> import kerasgen as kg
        >>> one, two = (
        ...     kg.tabular_classifier((4,), 2, size=size)
        ...     for size in ("small", "tiny"))
        >>> method = DataFreeDistillation(
        ...     two, kg.Classification(2), teacher=one)
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)[:4]
        ['accuracy', 'answers', 'balance', 'challenge']
    """

    arguments = {
        "teacher": TEACHER,
        "balance": Float(0.0, search=(0.3, 10.0), log=True),
        "statistics": Float(0.0, search=(0.1, 10.0), log=True),
        "challenge": Float(0.0, search=(0.03, 3.0), log=True),
        "temperature": Float(1e-3, search=(1.0, 10.0), log=True),
        "noise": Int(1),
        "width": Int(1),
    }
    terms = ("answers", "confidence", "balance", "statistics", "challenge")

    def __init__(
        self,
        model,
        task,
        *,
        teacher=None,
        balance=3.0,
        statistics=1.0,
        challenge=0.3,
        temperature=2.0,
        noise=64,
        width=64,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            teacher=teacher,
            balance=balance,
            statistics=statistics,
            challenge=challenge,
            temperature=temperature,
            noise=noise,
            width=width,
        )
        self._seed = keras.random.SeedGenerator()
        self.generator = generator(_one_shape(model), noise, width)
        self._norms = _norms(self.teacher)
        inside = [layer.input for layer in self._norms]
        self._master = keras.Model(
            self.teacher.inputs[0], [self.teacher.outputs[0], *inside]
        )

    def players(self):
        """Names the variables of model and generator."""
        return {
            "model": self.model.trainable_variables,
            "generator": self.generator.trainable_variables,
        }

    def phases(self):
        """Moves the generator, then the student."""
        return [Phase(self.made, "generator"), Phase(self.objective)]

    def made(self, batch):
        """Gives the generator's four terms; see `Method.objective`."""
        x = self._invented(batch)
        logits, *seen = self._master(x, training=False)
        logits = ops.cast(logits, "float32")
        sure = ops.one_hot(ops.argmax(logits, -1), self.task.classes)
        share = ops.mean(ops.softmax(logits), 0)
        entropy = -ops.sum(share * ops.log(ops.maximum(share, 1e-12)))
        lacking = ops.log(float(self.task.classes)) - entropy
        told = self.model(x, training=False)
        return {
            "confidence": mean(cross_entropy(sure, logits)),
            "balance": self.balance * mean(lacking),
            "statistics": self.statistics * mean(self._strange(seen)),
            "challenge": -self.challenge * mean(divergence(logits, told)),
        }, None

    def objective(self, batch):
        """Gives the student's loss; see `Method.objective`."""
        x = ops.stop_gradient(self._invented(batch))
        heat = self.temperature
        told = ops.cast(self.model(x, training=True), "float32")
        apart = heat**2 * mean(divergence(self.taught(x) / heat, told / heat))
        outputs = ops.stop_gradient(self.model(batch["x"], training=False))
        return {"answers": apart}, outputs

    def _invented(self, batch):
        n = ops.shape(keras.tree.flatten(batch["x"])[0])[0]
        noise = keras.random.normal((n, self.noise), seed=self._seed)
        return self.generator(noise, training=True)

    def _strange(self, seen):
        """How far the moments of what layers see are from what they know."""
        total = 0.0
        for layer, values in zip(self._norms, seen, strict=True):
            values = ops.cast(values, "float32")
            axes = tuple(range(len(values.shape) - 1))
            middle, spread = ops.mean(values, axes), ops.var(values, axes)
            known = ops.cast(layer.moving_variance, "float32") + layer.epsilon
            gap = middle - ops.cast(layer.moving_mean, "float32")
            off = ops.square(gap) / known
            off = off + ops.square((spread + layer.epsilon) / known - 1.0)
            total = total + ops.mean(off)
        return ops.convert_to_tensor(total / max(len(self._norms), 1))


def _norms(teacher):
    """The teacher's layers of batch normalization over the last axis."""
    return [
        layer
        for layer in teacher.layers
        if isinstance(layer, keras.layers.BatchNormalization)
        and layer.axis in (-1, len(layer.input.shape) - 1)
    ]


def _one_shape(model):
    inputs = model.inputs
    kind = keras.backend.standardize_dtype(inputs[0].dtype)
    shape = tuple(inputs[0].shape[1:])
    if len(inputs) > 1 or "float" not in kind or None in shape:
        raise ValueError(
            message(
                "DataFreeDistillation",
                "the model must have one input of floats of a known shape",
                {"inputs": [(i.shape, i.dtype) for i in inputs]},
            )
        )
    return shape


def generator(shape, noise, width):
    """Makes a network from noise to examples of mean 0 and deviation 1.

    Args:
        shape: tuple, of one example; images are grown by convolutions.
        noise: int, the width of what comes in.
        width: int, of its layers.

    Returns:
        keras.Model from (n, noise) to (n, *shape).

    Source:
        Images: Chen et al., 2019, arXiv:1904.01186, section 4.1, after
        Radford et al., 2016, arXiv:1511.06434.

    Example:
        >>> generator((8, 8, 1), 16, 8).output_shape
        (None, 8, 8, 1)
    """
    layers = keras.layers
    x = inputs = keras.Input((noise,), dtype="float32")

    def normal(x):
        return layers.BatchNormalization(momentum=0.9, dtype="float32")(x)

    if len(shape) != 3:
        size = 1
        for side in shape:
            size *= side
        for _ in range(2):
            x = normal(layers.Dense(width, use_bias=False, dtype="float32")(x))
            x = layers.LeakyReLU(0.2)(x)
        x = layers.Reshape(shape)(layers.Dense(size, dtype="float32")(x))
        return keras.Model(inputs, normal(x), name="generator")
    rows, columns = (-(-side // 4) for side in shape[:2])
    x = layers.Dense(rows * columns * width, dtype="float32")(x)
    x = normal(layers.Reshape((rows, columns, width))(x))
    for last in (False, True):
        x = layers.UpSampling2D()(x)
        x = layers.Conv2D(width, 3, padding="same", dtype="float32")(x)
        x = layers.LeakyReLU(0.2)(normal(x))
        if last:
            x = layers.Conv2D(shape[2], 3, padding="same", dtype="float32")(x)
    extra = (4 * rows - shape[0], 4 * columns - shape[1])
    if any(extra):
        x = layers.Cropping2D(((0, extra[0]), (0, extra[1])))(x)
    return keras.Model(inputs, normal(x), name="generator")
