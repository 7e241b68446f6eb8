"""Numbers about answers, and what a number from a sample is worth."""

from kerasgen.metrics.bleu import bleu_counts, bleu_of_counts, bleu_words
from kerasgen.metrics.calibration import (
    brier,
    calibration_interval,
    expected_calibration_error,
    nll,
    reliability,
)
from kerasgen.metrics.clustering import (
    adjusted_rand,
    cluster_accuracy,
    contingency,
    normalized_mutual_information,
)
from kerasgen.metrics.interval import (
    Interval,
    binomial,
    bootstrap,
    mcnemar,
    median,
    paired,
)
from kerasgen.metrics.ranking import auroc, average_precision
from kerasgen.metrics.spans import (
    f1_of_counts,
    forbidden_pairs,
    read_spans,
    rewrite_tags,
    span_counts,
)
from kerasgen.metrics.topics import coherence

__all__ = [
    "Interval",
    "adjusted_rand",
    "auroc",
    "average_precision",
    "binomial",
    "bleu_counts",
    "bleu_of_counts",
    "bleu_words",
    "bootstrap",
    "brier",
    "calibration_interval",
    "cluster_accuracy",
    "coherence",
    "contingency",
    "expected_calibration_error",
    "f1_of_counts",
    "forbidden_pairs",
    "mcnemar",
    "median",
    "nll",
    "normalized_mutual_information",
    "paired",
    "read_spans",
    "reliability",
    "rewrite_tags",
    "span_counts",
]
