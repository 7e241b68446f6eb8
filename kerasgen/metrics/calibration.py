"""Do probabilities mean what they say: ECE, Brier score, log loss."""

import numpy as np

from kerasgen.core import message
from kerasgen.metrics.interval import Interval, binomial

# A probability of zero for the truth costs this much and not infinity.
_LEAST = 1e-12


def nll(y, p):
    """Gives the negative log-likelihood of each example, in nats.

    Args:
        y: int array (n,), the true classes.
        p: float array (n, classes), probabilities.

    Returns:
        float64 array (n,); its mean is the metric.

    Raises:
        ValueError: where shapes don't fit or rows aren't probabilities.

    Source:
        Good, "Rational Decisions", 1952.

    Example:
        >>> nll([0, 1], [[0.5, 0.5], [0.0, 1.0]]).round(4).tolist()
        [0.6931, 0.0]
    """
    y, p = _check("nll", y, p)
    return -np.log(np.maximum(p[np.arange(len(y)), y], _LEAST)) + 0.0


def brier(y, p):
    """Gives the Brier score of each example, summed over the classes.

    Args:
        y: int array (n,), the true classes.
        p: float array (n, classes), probabilities.

    Returns:
        float64 array (n,) in [0, 2]; its mean is the metric.

    Raises:
        ValueError: where shapes don't fit or rows aren't probabilities.

    Source:
        Brier, "Verification of Forecasts Expressed in Terms of Probability",
        1950: the sum over classes, twice the one-sided score for two classes.

    Example:
        >>> brier([0, 1], [[0.5, 0.5], [0.0, 1.0]]).tolist()
        [0.5, 0.0]
    """
    y, p = _check("brier", y, p)
    chosen = p[np.arange(len(y)), y]
    return (p**2).sum(-1) - 2.0 * chosen + 1.0


def reliability(y, p, bins=15):
    """Compares confidence and accuracy, bin by bin.

    The confidence is the probability of the predicted class. Bins have equal
    width, (0, 1/bins], (1/bins, 2/bins] and so on.

    Args:
        y: int array (n,), the true classes.
        p: float array (n, classes), probabilities.
        bins: int, at least 1.

    Returns:
        List of one dict a bin, empty ones included: `low`, `high` (its
        edges), `n`, `confidence` and `accuracy` (means, None in an empty bin)
        and `hits`.

    Raises:
        ValueError: where shapes don't fit, rows aren't probabilities or
            `bins` is less than 1.

    Source:
        DeGroot & Fienberg, "The Comparison and Evaluation of Forecasters",
        1983; for classes: Guo et al., 2017, arXiv:1706.04599, section 2.

    Example:
        >>> rows = reliability([0, 1], [[0.9, 0.1], [0.7, 0.3]], bins=2)
        >>> rows[1]["n"], round(rows[1]["confidence"], 3), rows[1]["accuracy"]
        (2, 0.8, 0.5)
    """
    confidence, hit, place = _binned("reliability", y, p, bins)
    rows = []
    for index in range(bins):
        inside = place == index
        n = int(inside.sum())
        rows.append(
            {
                "low": index / bins,
                "high": (index + 1) / bins,
                "n": n,
                "hits": int(hit[inside].sum()),
                "confidence": float(confidence[inside].mean()) if n else None,
                "accuracy": float(hit[inside].mean()) if n else None,
            }
        )
    return rows


def expected_calibration_error(y, p, bins=15):
    """Gives the mean distance of confidence from accuracy.

    Args:
        y: int array (n,), the true classes.
        p: float array (n, classes), probabilities.
        bins: int, at least 1, of equal width.

    Returns:
        float in [0, 1].

    Raises:
        ValueError: where shapes don't fit, rows aren't probabilities or
            `bins` is less than 1.

    Source:
        Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian
        Binning", 2015; for classes: Guo et al., 2017, arXiv:1706.04599.

    Example:
        >>> p = [[0.9, 0.1], [0.7, 0.3]]
        >>> round(expected_calibration_error([0, 1], p, bins=2), 3)
        0.3
    """
    gaps = _gaps(*_binned("expected_calibration_error", y, p, bins), bins)
    return float(np.abs(gaps.mean(0)).sum()) if len(gaps) else float("nan")


def calibration_interval(y, p, bins=15, seed=0, draws=1000, level=0.95):
    """Gives the interval of the expected calibration error.

    The estimate is a norm of the bins' mean gaps, which noise makes greater,
    the more the nearer the truth is to zero; percentiles of the bootstrap
    would then exclude zero for a perfectly calibrated model. So the lower end
    allows for all of the noise by the triangle inequality, the upper end
    takes the spread of the drawn estimates about their own mean, and neither
    claims to know the accuracy better than its exact interval.

    Args:
        y: int array (n,), the true classes.
        p: float array (n, classes), probabilities.
        bins: int, at least 1, of equal width.
        seed: int, decides the draws.
        draws: int, the number of samples drawn.
        level: float in (0, 1), the probability to cover the truth.

    Returns:
        Interval within [0, 1]; not numbers where `n` is less than 2.

    Raises:
        ValueError: where shapes don't fit, rows aren't probabilities or
            `bins` is less than 1.

    Source:
        Kumar et al., "Verified Uncertainty Calibration", 2019,
        arXiv:1909.10155, section 4 (the bias of the binned estimate).

    Example:
        >>> p = np.full((100, 2), 0.5)
        >>> low, high = calibration_interval(np.arange(100) % 2, p)
        >>> low, high < 0.2
        (0.0, True)
    """
    binned = _binned("calibration_interval", y, p, bins)
    gaps = _gaps(*binned, bins)
    n = len(gaps)
    if n < 2:
        return Interval(np.nan, np.nan)
    value = float(np.abs(gaps.mean(0)).sum())
    above, below = _deviations(gaps, seed, draws, level)
    # With no error, or few, a bootstrap knows nothing of those to come.
    confidence, hit, _ = binned
    share = binomial(hit.sum(), n, level)
    above = max(above, hit.mean() - share.low, share.high - hit.mean())
    over = confidence.mean() - share.low
    under = share.high - confidence.mean()
    high = min(1.0, max(value + below, over, under))
    return Interval(float(max(0.0, value - above)), float(high))


def _deviations(gaps, seed, draws, level):
    n = len(gaps)
    random = np.random.default_rng(seed)
    equal = np.full(n, 1.0 / n)
    means = [random.multinomial(n, equal) @ gaps / n for _ in range(draws)]
    means = np.stack(means)
    noise = np.quantile(np.abs(means - gaps.mean(0)).sum(1), level)
    drawn = np.abs(means).sum(1)
    below = drawn.mean() - np.quantile(drawn, (1.0 - level) / 2.0)
    # Each bin in use takes a degree of freedom.
    used = int((gaps != 0.0).any(0).sum())
    wider = float(np.sqrt(n / max(n - used, 1)))
    return float(noise) * wider, float(below) * wider


def _gaps(confidence, hit, place, bins):
    gaps = np.zeros((len(hit), bins))
    gaps[np.arange(len(hit)), place] = hit - confidence
    return gaps


def _binned(where, y, p, bins):
    y, p = _check(where, y, p)
    if int(bins) < 1:
        raise ValueError(
            message(where, "`bins` must be at least 1", {"bins": bins})
        )
    confidence = p.max(-1) if len(p) else np.zeros(0)
    hit = (p.argmax(-1) == y).astype("float64") if len(p) else np.zeros(0)
    place = np.ceil(confidence * bins).astype("int64") - 1
    return confidence, hit, np.clip(place, 0, bins - 1)


def _check(where, y, p):
    y, p = np.asarray(y), np.asarray(p, "float64")
    if p.ndim != 2 or y.shape != p.shape[:1]:
        raise ValueError(
            message(
                where,
                "`y` must have shape (n,) and `p` (n, classes)",
                {"y": y.shape, "p": p.shape},
            )
        )
    y = y.astype("int64")
    if len(y) and (y.min() < 0 or y.max() >= p.shape[1]):
        raise ValueError(
            message(
                where,
                f"`y` must lie in [0, {p.shape[1] - 1}]",
                {"min": y.min().item(), "max": y.max().item()},
            )
        )
    sums = p.sum(-1)
    wrong = ~((p >= -1e-6).all(-1) & (np.abs(sums - 1.0) < 1e-3))
    if wrong.any():
        raise ValueError(
            message(
                where,
                "each row of `p` must be probabilities that sum to one",
                {"row": p[wrong][0].tolist()},
                "Logits go through softmax first.",
            )
        )
    return y, p
