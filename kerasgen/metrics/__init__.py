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
from kerasgen.metrics.spans import (
    f1_of_counts,
    forbidden_pairs,
    read_spans,
    rewrite_tags,
    span_counts,
)

__all__ = [
    "Interval",
    "binomial",
    "bootstrap",
    "brier",
    "calibration_interval",
    "expected_calibration_error",
    "f1_of_counts",
    "forbidden_pairs",
    "mcnemar",
    "median",
    "nll",
    "paired",
    "read_spans",
    "reliability",
    "rewrite_tags",
    "span_counts",
]
