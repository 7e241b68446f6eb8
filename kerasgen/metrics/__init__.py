"""Numbers about answers, and what a number from a sample is worth."""

from kerasgen.metrics.base import OwnMetric
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
from kerasgen.metrics.detection import auroc, average_precision
from kerasgen.metrics.edits import (
    SymbolErrorRate,
    best_symbols,
    edit_distance,
    edit_distances,
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
from kerasgen.metrics.overlap import mean_dice, mean_iou, overlap_counts
from kerasgen.metrics.ranking import (
    ndcg_at,
    ranks,
    recall_at,
    reciprocal_rank,
)
from kerasgen.metrics.scores import AUC, AveragePrecision
from kerasgen.metrics.spans import (
    f1_of_counts,
    forbidden_pairs,
    read_spans,
    rewrite_tags,
    span_counts,
)
from kerasgen.metrics.topics import coherence

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
    "SymbolErrorRate",
    "TopK",
    "adjusted_rand",
    "auroc",
    "average_precision",
    "best_symbols",
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
    "edit_distance",
    "edit_distances",
    "expected_calibration_error",
    "f1_of_counts",
    "forbidden_pairs",
    "mcnemar",
    "mean_dice",
    "mean_iou",
    "median",
    "ndcg_at",
    "nll",
    "overlap_counts",
    "normalized_mutual_information",
    "paired",
    "read_spans",
    "ranks",
    "recall_at",
    "reciprocal_rank",
    "reliability",
    "rewrite_tags",
    "span_counts",
]
