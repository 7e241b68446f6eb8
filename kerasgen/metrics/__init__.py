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

__all__ = [
    "Interval",
    "binomial",
    "bootstrap",
    "brier",
    "calibration_interval",
    "expected_calibration_error",
    "mcnemar",
    "median",
    "nll",
    "paired",
    "reliability",
]
