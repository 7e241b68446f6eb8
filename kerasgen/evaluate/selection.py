"""Choosing a model for a target domain without the target's labels."""

import numpy as np
import scipy.special
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kerasgen.core import message, one_of, split

# Which end is better. The last looks at the labels.
RULES = {
    "importance_weighted": "lower",
    "deep_embedded": "lower",
    "entropy": "lower",
    "information": "higher",
    "neighborhood_density": "higher",
    "nuclear_norm": "higher",
    "class_correlation": "higher",
    "oracle": "higher",
}
_RISKS = ("importance_weighted", "deep_embedded")
# Density ratios are fitted on at most so many examples of each domain.
_MOST = 10_000
_ROWS = 1024


def judge(rule, model, data, task=None):
    """Gives a trained model's number for a target without labels.

    Args:
        rule: str, one of `RULES`.
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
    if "unlabeled" not in data.splits:
        raise ValueError(
            message(
                "judge",
                "the data must have a split `unlabeled` of the target",
                {"splits": list(data.splits)},
                "Make them by kerasgen.data.Data.domains(source=, target=).",
            )
        )
    if rule == "oracle":
        return _oracle(model, data, task)
    if rule in _RISKS:
        losses, weights = _risks(model, data, task)
        risk = importance_weighted if rule == _RISKS[0] else deep_embedded
        return risk(losses, weights)
    if not getattr(task, "classes", None):
        raise ValueError(
            message(
                "judge",
                "this rule is about the probabilities of classes",
                {"rule": rule, "task": type(task).__name__},
                f"Use {' or '.join(_RISKS)}.",
            )
        )
    x, _ = data.tensors("unlabeled")
    return _FUNCTIONS[rule](model.predict(x, 256, verbose=0))


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


def _risks(model, data, task):
    """Errors of the select split, and how likely the target has them."""
    features, _ = split(model)

    def seen(name, limit=None):
        x, y = data.tensors(name, limit)
        found = features.predict(x, 256, verbose=0)
        return x, y, found.reshape(len(found), -1)

    _, _, source = seen("train", _MOST)
    _, _, target = seen("unlabeled", _MOST)
    x, y, inside = seen("select")
    outputs = model.predict(x, 256, verbose=0)
    losses = 1.0 - np.asarray(task.correct(y, outputs), "float64")
    return losses, density_ratio(source, target, inside)


def _oracle(model, data, task):
    targets = set(map(str, data.splits["unlabeled"].group))
    values = [
        task.correct(
            part.y, model.predict(data.tensors(name)[0], 256, verbose=0)
        )
        for name, part in data.splits.items()
        if part.y is not None
        and part.group is not None
        and set(map(str, part.group)) <= targets
    ]
    if not values:
        raise ValueError(
            message(
                "judge",
                "an oracle needs a test set of the target with labels",
                {"targets": sorted(targets), "splits": list(data.splits)},
            )
        )
    return float(np.mean(np.concatenate(values)))


def density_ratio(source, target, x):
    """Estimates how much likelier examples are in the target.

    A logistic regression tells the domains apart; its odds, corrected for the
    number of examples of each domain, are the ratio of densities.

    Args:
        source: float array (n, features), of the source.
        target: float array (m, features), of the target.
        x: float array (k, features), what is weighed.

    Returns:
        float array (k,).

    Source:
        Bickel et al., "Discriminative Learning Under Covariate Shift", 2009.

    Example:
        >>> draw = np.random.default_rng(0).normal
        >>> ratio = density_ratio(draw(size=(500, 1)), draw(1, 1, (500, 1)),
        ...                       np.array([[0.0], [1.0]]))
        >>> bool(ratio[0] < 1 < ratio[1])
        True
    """
    both = np.concatenate([source, target])
    domain = np.repeat([0, 1], [len(source), len(target)])
    fitted = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    odds = fitted.fit(both, domain).decision_function(x)
    return np.exp(np.clip(odds, -30.0, 30.0)) * len(source) / len(target)


def importance_weighted(losses, weights):
    """Gives the source's risk, weighted as the target would.

    Args:
        losses: float array (n,), of labelled source examples held out.
        weights: float array (n,), how much likelier each is in the target.

    Returns:
        float; lower is better.

    Source:
        Sugiyama et al., "Covariate Shift Adaptation by Importance Weighted
        Cross Validation", 2007; weights are scaled to a mean of 1.

    Example:
        >>> importance_weighted(np.array([0.0, 1.0]), np.array([3.0, 1.0]))
        0.25
    """
    return float(np.sum(weights * losses) / np.sum(weights))


def deep_embedded(losses, weights):
    """Gives the weighted risk with less variance, by a control variate.

    Args:
        losses: float array (n,), of labelled source examples held out.
        weights: float array (n,), how much likelier each is in the target.

    Returns:
        float; lower is better.

    Source:
        You et al., "Towards Accurate Model Selection in Deep Unsupervised
        Domain Adaptation", 2019, equation 6 (DEV).

    Example:
        >>> deep_embedded(np.array([0.5, 0.5]), np.array([2.0, 0.5]))
        0.5
    """
    weighted = weights * losses
    spread = np.var(weights)
    slope = 0.0
    if spread > 0:
        gap = weights - weights.mean()
        slope = -np.mean(gap * (weighted - weighted.mean())) / spread
    return float(weighted.mean() + slope * (weights.mean() - 1.0))


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
}
