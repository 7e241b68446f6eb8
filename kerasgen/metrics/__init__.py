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
from kerasgen.metrics.overlap import mean_dice, mean_iou, overlap_counts

__all__ = [
    "Interval",
    "binomial",
    "bootstrap",
    "brier",
    "calibration_interval",
    "expected_calibration_error",
    "mcnemar",
    "mean_dice",
    "mean_iou",
    "median",
    "nll",
    "overlap_counts",
    "paired",
    "reliability",
]
