"""Distances and risks that methods minimise, on plain tensors."""

from kerasgen.losses.class_confusion import class_confusion
from kerasgen.losses.covariance_gap import covariance_gap
from kerasgen.losses.entropy import mean_entropy, mutual_information
from kerasgen.losses.kernel_discrepancy import kernel_discrepancy

__all__ = [
    "class_confusion",
    "covariance_gap",
    "kernel_discrepancy",
    "mean_entropy",
    "mutual_information",
]
