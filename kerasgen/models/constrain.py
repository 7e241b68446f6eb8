"""constrain: a model whose kernels are penalised, held short, or spectral."""

import keras

from kerasgen.core import clone, instance, message


def constrain(
    model, *, regularizer=None, constraint=None, spectral=False, keep=("head",)
):
    """Copies a model, and its weights, with limits on its kernels.

    `Dense` and `Conv1D` to `Conv3D` that the model shows, also those of models
    in it, are limited; others, and what a layer makes inside itself, stay as
    they are.

    Args:
        model: keras.Model, functional or sequential, built.
        regularizer: str, or keras.regularizers.Regularizer, of each kernel;
            None leaves what there is.
        constraint: str, or keras.constraints.Constraint, that each kernel is
            held to after every step; None leaves what there is.
        spectral: bool, whether each training step divides a kernel by its
            largest singular value, by one power iteration.
        keep: tuple of str, the names of layers that stay free; logits must
            mostly be able to grow.

    Returns:
        keras.Model that answers as `model` does until it is trained.

    Raises:
        ValueError: where no layer is left to limit, nothing is asked for, or
            the model isn't functional or built.
        TypeError: for what is no keras.Model, or names in `keep` that are no
            tuple.

    Source:
        Miyato et al., "Spectral Normalization for Generative Adversarial
        Networks", 2018, arXiv:1802.05957, algorithm 1.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> bound = constrain(model, constraint=keras.constraints.MaxNorm(1.0))
        >>> bound.get_layer("head").kernel.constraint is None
        True
    """
    instance("constrain", "model", model, keras.Model)
    instance("constrain", "keep", keep, (tuple, list, set))
    _check(model, regularizer, constraint, spectral)
    regularizer = keras.regularizers.get(regularizer)
    constraint = keras.constraints.get(constraint)
    limits = {}
    if regularizer is not None:
        limits["kernel_regularizer"] = regularizer
    if constraint is not None:
        limits["kernel_constraint"] = constraint
    pairs, limited = [], []

    def copied(layer):
        free = not _has_kernel(layer) or layer.name in keep
        own = {} if free else limits
        new = type(layer).from_config({**layer.get_config(), **own})
        pairs.append((layer, new))
        if free:
            return new
        limited.append(new)
        if spectral:
            return keras.layers.SpectralNormalization(new, name=layer.name)
        return new

    made = clone(model, weights=False, clone_function=copied, recursive=True)
    if not limited:
        raise ValueError(
            message(
                "constrain",
                "the model must show dense or convolutional layers",
                {"layers": [layer.name for layer in model.layers]},
                "Those named in `keep` stay free.",
            )
        )
    for old, new in pairs:
        new.set_weights(old.get_weights())
    return made


def _has_kernel(layer):
    kinds = (keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D)
    return isinstance(layer, (*kinds, keras.layers.Conv3D))


def _check(model, regularizer, constraint, spectral):
    if regularizer is None and constraint is None and not spectral:
        raise ValueError(
            message(
                "constrain",
                "one of `regularizer`, `constraint` and `spectral` is needed",
            )
        )
    graph = isinstance(model, keras.Sequential) or hasattr(model, "operations")
    if not graph or not model.built:
        raise ValueError(
            message(
                "constrain",
                "the model must be functional or sequential, and built",
                {"model": type(model).__name__},
                "A model of your own class takes limits in its layers: "
                "`keras.layers.Dense(..., kernel_constraint=...)`.",
            )
        )
