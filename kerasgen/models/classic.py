"""classic: the old models, behind the call and the answers of the new."""

import numpy as np
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.svm import SVC, SVR

from kerasgen.core import Float, Int, check_arguments, create, register
from kerasgen.models.classic_base import ClassicModel, Parts

_SEED = {"seed": Int(0)}


def classic(name, **arguments):
    """Makes an old model that learns from Data and answers as a network.

    Args:
        name: str, "linear", "knn", "svm", "naive_bayes", "random_forest",
            "gradient_boosting", "k_means" or "lda".
        **arguments: those of the model.

    Returns:
        ClassicModel; `fit(data)` trains it, `predict(x)` gives what a
        network would, and probes ask it as they ask a network.

    Raises:
        ValueError: for an unknown name or an argument out of range.

    Example:
        >>> import kerasgen as kg
        >>> data = kg.data.load("wine")
        >>> model = classic("linear").fit(data)
        >>> kg.evaluate(model, data, ["clean"]).value("clean/accuracy") > 0.9
        True
    """
    return create("classic", {"name": name, **arguments})


@register("classic", arguments={"strength": Float(0.0), **_SEED})
def linear(strength=1.0, seed=0):
    """Makes a logistic regression, or a ridge regression for numbers.

    Args:
        strength: float >= 0, of the penalty on the squared weights.
        seed: int >= 0, not used; every old model takes it.

    Returns:
        ClassicModel.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Cox, "The Regression Analysis of Binary Sequences", 1958; Hoerl &
        Kennard, "Ridge Regression", 1970.

    Example:
        >>> linear().name
        'linear'
    """
    check_arguments(
        "linear", linear.arguments, {"strength": strength, "seed": seed}
    )
    inverse = 1.0 / strength if strength else np.inf
    return ClassicModel(
        "linear",
        lambda _: LogisticRegression(C=inverse, max_iter=1000),
        lambda: Ridge(strength),
    )


@register("classic", arguments={"neighbors": Int(1), **_SEED})
def knn(neighbors=10, seed=0):
    """Makes a vote of the nearest training examples, weighted by distance.

    Args:
        neighbors: int >= 1; no more than there are.
        seed: int >= 0, not used; every old model takes it.

    Returns:
        ClassicModel.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Cover & Hart, "Nearest Neighbor Pattern Classification", 1967.

    Example:
        >>> knn().name
        'knn'
    """
    check_arguments(
        "knn", knn.arguments, {"neighbors": neighbors, "seed": seed}
    )
    given = {"n_neighbors": neighbors, "weights": "distance"}
    return ClassicModel(
        "knn",
        lambda _: KNeighborsClassifier(**given),
        lambda: KNeighborsRegressor(**given),
        neighbors=True,
    )


@register("classic", arguments={"strength": Float(1e-6), **_SEED})
def svm(strength=1.0, seed=0):
    """Makes a support vector machine with a radial kernel.

    Its logits are distances from the borders, and no calibrated
    probabilities.

    Args:
        strength: float >= 1e-6, of the penalty on wide borders; the inverse
            of what others call C.
        seed: int >= 0, not used; every old model takes it.

    Returns:
        ClassicModel.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Cortes & Vapnik, "Support-Vector Networks", 1995.

    Example:
        >>> svm().name
        'svm'
    """
    check_arguments("svm", svm.arguments, {"strength": strength, "seed": seed})
    return ClassicModel(
        "svm", lambda _: SVC(C=1.0 / strength), lambda: SVR(C=1.0 / strength)
    )


@register("classic", arguments=_SEED)
def naive_bayes(seed=0):
    """Makes a naive Bayes of normal columns, or of words.

    Args:
        seed: int >= 0, not used; every old model takes it.

    Returns:
        ClassicModel, for classes alone.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Maron, "Automatic Indexing: An Experimental Inquiry", 1961.

    Example:
        >>> naive_bayes().name
        'naive_bayes'
    """
    check_arguments("naive_bayes", naive_bayes.arguments, {"seed": seed})
    return ClassicModel(
        "naive_bayes",
        lambda counts: MultinomialNB() if counts else GaussianNB(),
        scaled=False,
        dense=None,
    )


@register("classic", arguments={"trees": Int(1), **_SEED})
def random_forest(trees=300, seed=0):
    """Makes a mean of trees that each saw other examples and columns.

    Args:
        trees: int >= 1.
        seed: int >= 0, decides the draws.

    Returns:
        ClassicModel.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Breiman, "Random Forests", 2001.

    Example:
        >>> random_forest().name
        'random_forest'
    """
    values = {"trees": trees, "seed": seed}
    check_arguments("random_forest", random_forest.arguments, values)
    return ClassicModel(
        "random_forest",
        lambda _: RandomForestClassifier(trees, random_state=seed),
        lambda: RandomForestRegressor(trees, random_state=seed),
        scaled=False,
    )


@register("classic", arguments={"rounds": Int(1), **_SEED})
def gradient_boosting(rounds=100, seed=0):
    """Makes a sum of trees, each fitted to what the others left.

    Args:
        rounds: int >= 1, the trees for each class.
        seed: int >= 0, decides the draws.

    Returns:
        ClassicModel.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Friedman, "Greedy Function Approximation", 2001; on histograms: Ke et
        al., "LightGBM", 2017.

    Example:
        >>> gradient_boosting().name
        'gradient_boosting'
    """
    values = {"rounds": rounds, "seed": seed}
    check_arguments("gradient_boosting", gradient_boosting.arguments, values)
    given = {"max_iter": rounds, "random_state": seed}
    return ClassicModel(
        "gradient_boosting",
        lambda _: HistGradientBoostingClassifier(**given),
        lambda: HistGradientBoostingRegressor(**given),
        scaled=False,
        dense=True,
    )


@register("classic", arguments={"clusters": Int(1), **_SEED})
def k_means(clusters=None, seed=0):
    """Makes clusters without labels; each answers as its members do.

    Args:
        clusters: int >= 1; None takes three for each class, and 8 for
            numbers.
        seed: int >= 0, decides where the centres start.

    Returns:
        ClassicModel.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Lloyd, "Least Squares Quantization in PCM", 1982.

    Example:
        >>> k_means().name
        'k_means'
    """
    values = {"clusters": clusters, "seed": seed}
    check_arguments("k_means", k_means.arguments, values)
    return ClassicModel(
        "k_means",
        lambda _: Parts("k_means", clusters, seed, classes=True),
        lambda: Parts("k_means", clusters, seed),
    )


@register("classic", arguments={"topics": Int(1), **_SEED})
def lda(topics=None, seed=0):
    """Makes topics without labels; an example answers by its mixture of them.

    Numbers that are no counts are brought to [0, 1] first.

    Args:
        topics: int >= 1; None takes three for each class, and 8 for numbers.
        seed: int >= 0, decides the start.

    Returns:
        ClassicModel.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Blei et al., "Latent Dirichlet Allocation", 2003.

    Example:
        >>> lda().name
        'lda'
    """
    check_arguments("lda", lda.arguments, {"topics": topics, "seed": seed})
    return ClassicModel(
        "lda",
        lambda _: Parts("lda", topics, seed, classes=True),
        lambda: Parts("lda", topics, seed),
        scaled=False,
        dense=None,
    )
