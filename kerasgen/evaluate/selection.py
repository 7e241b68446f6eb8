"""Choosing a model for a target domain without the target's labels."""

import numpy as np
import scipy.special

from kerasgen.core import message, one_of
from kerasgen.evaluate.evidence import gather, need_target, target_tests
from kerasgen.evaluate.risk import (
    deep_embedded,
    density_ratio,
    importance_weighted,
    reverse_validation,
)

# Which end is better. `source` is what a user has who knows of no target; the
# last looks at the labels.
RULES = {
    "source": "lower",
    "importance_weighted": "lower",
    "deep_embedded": "lower",
    "reverse_validation": "lower",
    "entropy": "lower",
    "information": "higher",
    "neighborhood_density": "higher",
    "nuclear_norm": "higher",
    "class_correlation": "higher",
    "consensus": "higher",
    "oracle": "higher",
}
_RISKS = ("source", "importance_weighted", "deep_embedded")
_FEATURES = ("importance_weighted", "deep_embedded", "reverse_validation")
_ROWS = 1024


def judge(rule, model, data, task=None):
    """Gives a trained model's number for a target without labels.

    Args:
        rule: str, one of `RULES`. "source" is the error on the source's
            select split. "consensus" is the number of a model alone;
            `kerasgen.evaluate.choose` compares several.
        model: keras.Model, logits out, with a layer `head`.
        data: Data with the splits `train`, `select` and `unlabeled`.
        task: Task, or None for that of the data.

    Returns:
        float; `RULES` tells which end is better.

    Raises:
        ValueError: for an unknown rule, data without a target, a rule of
            class probabilities for a task without classes, or "oracle" where
            no target has a labelled test set.

    Example:
        >>> import kerasgen as kg
        >>> one, two = (kg.data.synthetic.images(60, seed=s) for s in (0, 1))
        >>> data = kg.data.Data.domains(source=one, target=two)
        >>> model = kg.image_classifier(data.shape, data.classes, size="tiny")
        >>> 0.0 <= judge("entropy", model, data) <= 1.1
        True
    """
    one_of("judge", "rule", rule, RULES)
    task = data.task if task is None else task
    need_target(data)
    if rule == "oracle":
        return _oracle(model, data, task)
    if rule not in _RISKS and not getattr(task, "classes", None):
        raise ValueError(
            message(
                "judge",
                "this rule is about the probabilities of classes",
                {"rule": rule, "task": type(task).__name__},
                f"Use {', '.join(_RISKS[:2])} or {_RISKS[2]}.",
            )
        )
    evidence = gather(model, data, task, features=rule in _FEATURES)
    return number(rule, evidence)


def number(rule, evidence):
    """Gives the number of a rule from what is known of a model.

    Args:
        rule: str, one of `RULES`, not "oracle".
        evidence: Evidence, with features for the rules that weigh or revert.

    Returns:
        float; `RULES` tells which end is better.

    Raises:
        ValueError: for an unknown rule.

    Example:
        >>> from kerasgen.evaluate.evidence import Evidence
        >>> zeros = np.zeros((2, 3))
        >>> number("source", Evidence(zeros, zeros, np.zeros(2), np.ones(2)))
        1.0
    """
    one_of("judge", "rule", rule, [name for name in RULES if name != "oracle"])
    if rule == "source":
        return 1.0 - evidence.accuracy
    if rule not in _FEATURES:
        return _FUNCTIONS[rule](evidence.logits)
    features = evidence.features
    if rule == "reverse_validation":
        return reverse_validation(
            features["unlabeled"],
            _classes(evidence.logits[: len(features["unlabeled"])]),
            features["select"],
            _classes(evidence.labels),
        )
    weights = density_ratio(
        features["train"], features["unlabeled"], features["select"]
    )
    risk = deep_embedded if rule == "deep_embedded" else importance_weighted
    return risk(evidence.losses, weights)


def trust(logits):
    """Gives how far answers for a target are to be trusted, seen alone.

    The mean of two shares, which fail in turn: `class_correlation`, which
    sees a model collapse but takes all classes for equally frequent, and the
    mean probability of the answers, which takes nothing for granted and sees
    no collapse.

    Args:
        logits: float array (n, classes).

    Returns:
        float in (0, 1]; higher is better.

    Example:
        >>> round(trust(1e3 * np.eye(4)), 6)
        1.0
    """
    sure = _shares(logits).max(1).mean()
    return float(0.5 * (class_correlation(logits) + sure))


def _classes(labels):
    return labels.argmax(-1) if np.ndim(labels) == 2 else np.asarray(labels)


def looks_at(objective):
    """Words what a number that ranks models is taken from.

    Args:
        objective: str, one of `RULES`, or the name of a metric.

    Returns:
        str.

    Example:
        >>> looks_at("accuracy"), looks_at("oracle")
        ('on the select split', "on the target's labels, as no user could")
    """
    if objective == "oracle":
        return "on the target's labels, as no user could"
    if objective in RULES:
        return "on the target, without its labels"
    return "on the select split"


def _oracle(model, data, task):
    values = [
        task.correct(
            data.splits[name].y,
            model.predict(data.tensors(name)[0], 256, verbose=0),
        )
        for name in target_tests(data)
    ]
    if not values:
        raise ValueError(
            message(
                "judge",
                "an oracle needs a test set of the target with labels",
                {"splits": list(data.splits)},
            )
        )
    return float(np.mean(np.concatenate(values)))


def entropy(logits):
    """Gives the mean entropy of predictions on the target, in nats.

    Args:
        logits: float array (n, classes).

    Returns:
        float in [0, log(classes)]; lower is better. A model that gives one
        class to everything is at 0 too.

    Source:
        Morerio et al., "Minimal-Entropy Correlation Alignment for Unsupervised
        Deep Domain Adaptation", 2018, arXiv:1711.10288, section 3.3.

    Example:
        >>> round(entropy(np.zeros((3, 2))), 4)
        0.6931
    """
    return float(scipy.special.entr(_shares(logits)).sum(1).mean())


def information(logits):
    """Gives what predictions tell about examples: sure, and all classes.

    Args:
        logits: float array (n, classes).

    Returns:
        float in [0, log(classes)], in nats: the entropy of the mean
        prediction less the mean entropy; higher is better.

    Source:
        Musgrave et al., "Benchmarking Validation Methods for Unsupervised
        Domain Adaptation", 2022, arXiv:2208.07360 (IM).

    Example:
        >>> round(information(np.array([[50.0, 0.0], [0.0, 50.0]])), 4)
        0.6931
    """
    whole = scipy.special.entr(_shares(logits).mean(0)).sum()
    return float(whole - entropy(logits))


def neighborhood_density(logits, temperature=0.05):
    """Gives how many neighbours a prediction has among the others.

    Args:
        logits: float array (n, classes), n >= 2.
        temperature: float > 0, of the softmax over similarities.

    Returns:
        float in [0, log(n - 1)], in nats; higher is better. A model that
        gives one class to everything is at the top too.

    Source:
        Saito et al., "Tune it the Right Way: Unsupervised Validation of Domain
        Adaptation via Soft Neighborhood Density", 2021, arXiv:2108.10860,
        equations 1 to 3 (SND).

    Example:
        >>> round(neighborhood_density(np.zeros((5, 2))), 4) == round(
        ...     float(np.log(4)), 4)
        True
    """
    if len(logits) < 2:
        raise ValueError(
            message(
                "neighborhood_density",
                "there must be two examples at least",
                {"n": len(logits)},
            )
        )
    shares = _shares(logits)
    shares /= np.linalg.norm(shares, axis=1, keepdims=True)
    total = 0.0
    for start in range(0, len(shares), _ROWS):
        near = shares[start : start + _ROWS] @ shares.T / temperature
        places = np.arange(len(near))
        near[places, start + places] = -np.inf
        total += scipy.special.entr(scipy.special.softmax(near, 1)).sum()
    return float(total / len(shares))


def nuclear_norm(logits):
    """Gives the nuclear norm of predictions: sure, and of many classes.

    Args:
        logits: float array (n, classes).

    Returns:
        float in (0, 1], the sum of singular values over the most that it can
        be; higher is better.

    Source:
        Cui et al., "Towards Discriminability and Diversity: Batch Nuclear-norm
        Maximization under Label Insufficient Situations", 2020,
        arXiv:2003.12237, section 3 (BNM).

    Example:
        >>> round(nuclear_norm(1e3 * np.eye(4)), 6)
        1.0
    """
    shares = _shares(logits)
    most = np.sqrt(len(shares) * min(shares.shape))
    return float(np.linalg.svd(shares, compute_uv=False).sum() / most)


def class_correlation(logits):
    """Gives how near the classes of predictions are to being unrelated.

    Args:
        logits: float array (n, classes).

    Returns:
        float in (0, 1], the cosine between the matrix of mean products of
        class probabilities and the identity; higher is better.

    Source:
        Tu et al., "Assessing Model Out-of-distribution Generalization with
        Softmax Prediction Probability Baselines and A Correlation Method",
        2023 (Corr-C).

    Example:
        >>> round(class_correlation(1e3 * np.eye(4)), 6)
        1.0
    """
    shares = _shares(logits)
    products = shares.T @ shares
    size = np.linalg.norm(products) * np.sqrt(len(products))
    return float(np.trace(products) / size)


def _shares(logits):
    logits = np.asarray(logits, "float64")
    if logits.ndim != 2 or logits.shape[1] < 2 or not len(logits):
        raise ValueError(
            message(
                "judge",
                "logits must be an array (n, classes) of 2 classes or more",
                {"shape": logits.shape},
            )
        )
    return scipy.special.softmax(logits, 1)


_FUNCTIONS = {
    "entropy": entropy,
    "information": information,
    "neighborhood_density": neighborhood_density,
    "nuclear_norm": nuclear_norm,
    "class_correlation": class_correlation,
    "consensus": trust,
}
