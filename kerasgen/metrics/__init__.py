"""Numbers about answers, and what a number from a sample is worth."""

from kerasgen.metrics.base import OwnMetric
from kerasgen.metrics.calibration import (
    brier,
    calibration_interval,
    expected_calibration_error,
    nll,
    reliability,
)
from kerasgen.metrics.confusion import (
    F1,
    Accuracy,
    BalancedAccuracy,
    Jaccard,
    Kappa,
    Matthews,
    Precision,
    Recall,
    TopK,
)
from kerasgen.metrics.interval import (
    Interval,
    binomial,
    bootstrap,
    mcnemar,
    median,
    paired,
)
from kerasgen.metrics.label import LabelMetric
from kerasgen.metrics.number import MAE, MAPE, R2, RMSE, NumberMetric
from kerasgen.metrics.scores import AUC, AveragePrecision
from kerasgen.metrics.spans import (
    f1_of_counts,
    forbidden_pairs,
    read_spans,
    rewrite_tags,
    span_counts,
)

__all__ = [
    "AUC",
    "Accuracy",
    "AveragePrecision",
    "BalancedAccuracy",
    "F1",
    "Interval",
    "Jaccard",
    "Kappa",
    "LabelMetric",
    "MAE",
    "MAPE",
    "Matthews",
    "NumberMetric",
    "OwnMetric",
    "Precision",
    "R2",
    "RMSE",
    "Recall",
    "TopK",
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
