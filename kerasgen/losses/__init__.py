"""Losses of labels, numbers and places, and distances that methods minimise."""

from kerasgen.losses.base import OwnLoss
from kerasgen.losses.canonical_correlations import canonical_correlations
from kerasgen.losses.chain import (
    ChainLikelihood,
    absent_steps,
    best_tags,
    chain_marginals,
    chained,
    constrained,
    log_partition,
)
from kerasgen.losses.class_confusion import class_confusion
from kerasgen.losses.contrast import contrast
from kerasgen.losses.correction import BackwardCorrection, ForwardCorrection
from kerasgen.losses.covariance_gap import covariance_gap
from kerasgen.losses.covariance_spread import covariance_spread
from kerasgen.losses.cross_entropy import SoftCrossEntropy
from kerasgen.losses.ctc import CTC
from kerasgen.losses.entropy import (
    mean_entropy,
    mutual_information,
    robust_entropy,
    shared_information,
)
from kerasgen.losses.focus import Focal, Poly1
from kerasgen.losses.kernel_discrepancy import kernel_discrepancy
from kerasgen.losses.label_loss import LabelLoss
from kerasgen.losses.metric_learning import (
    EmbeddingLoss,
    InfoNCE,
    SupCon,
    Triplet,
)
from kerasgen.losses.moments import domain_moment_gap, moment_gap
from kerasgen.losses.number import (
    GaussianNLL,
    Huber,
    LogCosh,
    NumberLoss,
    Quantile,
    SquaredError,
)
from kerasgen.losses.overlap import (
    Boundary,
    Dice,
    Lovasz,
    MaskLoss,
    Tversky,
    known_masks,
    signed_distances,
)
from kerasgen.losses.prior import (
    LDAM,
    BalancedSoftmax,
    ClassBalanced,
    LogitAdjusted,
)
from kerasgen.losses.redundancy import cross_correlation, redundancy
from kerasgen.losses.robust import (
    Bootstrapping,
    GeneralizedCrossEntropy,
    SymmetricCrossEntropy,
)
from kerasgen.losses.sliced_wasserstein import sliced_wasserstein
from kerasgen.losses.transport import transport_plan

__all__ = [
    "BackwardCorrection",
    "BalancedSoftmax",
    "Bootstrapping",
    "CTC",
    "ChainLikelihood",
    "ClassBalanced",
    "EmbeddingLoss",
    "Boundary",
    "Dice",
    "Focal",
    "ForwardCorrection",
    "GaussianNLL",
    "GeneralizedCrossEntropy",
    "Huber",
    "InfoNCE",
    "LDAM",
    "LabelLoss",
    "LogCosh",
    "LogitAdjusted",
    "NumberLoss",
    "OwnLoss",
    "Lovasz",
    "MaskLoss",
    "Poly1",
    "Quantile",
    "SoftCrossEntropy",
    "SquaredError",
    "SupCon",
    "SymmetricCrossEntropy",
    "absent_steps",
    "best_tags",
    "chain_marginals",
    "chained",
    "Triplet",
    "canonical_correlations",
    "Tversky",
    "class_confusion",
    "constrained",
    "contrast",
    "covariance_gap",
    "covariance_spread",
    "cross_correlation",
    "domain_moment_gap",
    "kernel_discrepancy",
    "log_partition",
    "known_masks",
    "mean_entropy",
    "moment_gap",
    "mutual_information",
    "redundancy",
    "robust_entropy",
    "shared_information",
    "signed_distances",
    "sliced_wasserstein",
    "transport_plan",
]
