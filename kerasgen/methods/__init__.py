"""How weights are learnt: methods, the steps under them, optimizers."""

from kerasgen.methods.base import Method, Phase
from kerasgen.methods.cdan import CDAN
from kerasgen.methods.coral import CORAL
from kerasgen.methods.dan import DAN
from kerasgen.methods.dann import DANN
from kerasgen.methods.erm import ERM
from kerasgen.methods.information import InformationMaximization
from kerasgen.methods.jan import JAN
from kerasgen.methods.judge import reverse_gradient
from kerasgen.methods.manifold_mixup import ManifoldMixup
from kerasgen.methods.mcc import MCC
from kerasgen.methods.optimizer import adam, adamw, sgd
from kerasgen.methods.step import ASAM, SAM, Descent, Step

__all__ = [
    "ASAM",
    "CDAN",
    "CORAL",
    "DAN",
    "DANN",
    "ERM",
    "InformationMaximization",
    "JAN",
    "MCC",
    "SAM",
    "ManifoldMixup",
    "Descent",
    "Method",
    "Phase",
    "Step",
    "adam",
    "adamw",
    "reverse_gradient",
    "sgd",
]
