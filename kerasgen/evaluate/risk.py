"""Risks on the target, told from labels of the source alone."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


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


def reverse_validation(features, guesses, inside, labels):
    """Gives the source's error of a classifier that learnt from guesses.

    A logistic regression learns the model's answers for the target from the
    model's features, and is asked for the labels of the source. Where the
    answers are wrong, or all the same, so are its own.

    Args:
        features: float array (n, d), of the target.
        guesses: int array (n,), the model's answers for them.
        inside: float array (k, d), of labelled source examples held out.
        labels: int array (k,).

    Returns:
        float in [0, 1]; lower is better.

    Source:
        Zhong et al., "Cross Validation Framework to Choose Amongst Models and
        Datasets for Transfer Learning", 2010; Ganin et al., 2016,
        arXiv:1505.07818, section 5.1.2. There, the way back is adapted as the
        way there was; here it is a linear classifier on features that stay as
        they are, which takes a second and not a training.

    Example:
        >>> x = np.repeat([[0.0], [1.0]], 20, 0)
        >>> y = np.repeat([0, 1], 20)
        >>> reverse_validation(x, y, x, y), reverse_validation(x, 1 - y, x, y)
        (0.0, 1.0)
    """
    if len(np.unique(guesses)) < 2:
        return float(np.mean(labels != guesses[0]))
    fitted = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
    with warnings.catch_warnings():
        # A fit that is cut short at 200 steps is as good a judge.
        warnings.simplefilter("ignore", ConvergenceWarning)
        back = fitted.fit(features, guesses).predict(inside)
    return float(np.mean(back != labels))
