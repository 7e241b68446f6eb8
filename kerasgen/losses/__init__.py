"""Distances and risks that methods minimise, on plain tensors."""

from kerasgen.losses.class_confusion import class_confusion
from kerasgen.losses.covariance_gap import covariance_gap
from kerasgen.losses.entropy import (
    mean_entropy,
    mutual_information,
    robust_entropy,
)
from kerasgen.losses.kernel_discrepancy import kernel_discrepancy
from kerasgen.losses.moments import domain_moment_gap, moment_gap
from kerasgen.losses.sliced_wasserstein import sliced_wasserstein
from kerasgen.losses.transport import transport_plan

__all__ = [
    "class_confusion",
    "covariance_gap",
    "domain_moment_gap",
    "kernel_discrepancy",
    "mean_entropy",
    "moment_gap",
    "mutual_information",
    "robust_entropy",
    "sliced_wasserstein",
    "transport_plan",
]
