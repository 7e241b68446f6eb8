"""How weights are learnt: methods, the steps under them, optimizers."""

from kerasgen.methods.base import Method, Phase
from kerasgen.methods.erm import ERM
from kerasgen.methods.manifold_mixup import ManifoldMixup
from kerasgen.methods.optimizer import adam, adamw, sgd
from kerasgen.methods.step import ASAM, SAM, Descent, Step

__all__ = [
    "ASAM",
    "ERM",
    "SAM",
    "ManifoldMixup",
    "Descent",
    "Method",
    "Phase",
    "Step",
    "adam",
    "adamw",
    "sgd",
]
