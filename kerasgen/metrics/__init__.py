"""Numbers about answers, and what a number from a sample is worth."""

from kerasgen.metrics.calibration import (
    brier,
    calibration_interval,
    expected_calibration_error,
    nll,
    reliability,
)
from kerasgen.metrics.interval import (
    Interval,
    binomial,
    bootstrap,
    mcnemar,
    median,
    paired,
)
from kerasgen.metrics.ranking import (
    ndcg_at,
    ranks,
    recall_at,
    reciprocal_rank,
)

__all__ = [
    "Interval",
    "binomial",
    "bootstrap",
    "brier",
    "calibration_interval",
    "expected_calibration_error",
    "mcnemar",
    "median",
    "ndcg_at",
    "nll",
    "paired",
    "ranks",
    "recall_at",
    "reciprocal_rank",
    "reliability",
]
