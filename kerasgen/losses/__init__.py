"""Distances and risks that methods minimise, on plain tensors."""

from kerasgen.losses.class_confusion import class_confusion
from kerasgen.losses.contrast import contrast
from kerasgen.losses.covariance_gap import covariance_gap
from kerasgen.losses.entropy import mean_entropy, mutual_information
from kerasgen.losses.kernel_discrepancy import kernel_discrepancy
from kerasgen.losses.moments import moment_gap
from kerasgen.losses.redundancy import cross_correlation, redundancy
from kerasgen.losses.sliced_wasserstein import sliced_wasserstein
from kerasgen.losses.transport import transport_plan

__all__ = [
    "class_confusion",
    "contrast",
    "covariance_gap",
    "cross_correlation",
    "kernel_discrepancy",
    "mean_entropy",
    "moment_gap",
    "mutual_information",
    "redundancy",
    "sliced_wasserstein",
    "transport_plan",
]
