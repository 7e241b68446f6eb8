"""How weights are learnt: methods, the steps under them, optimizers."""

from kerasgen.methods.adversarial_training import AdversarialTraining
from kerasgen.methods.afn import AFN
from kerasgen.methods.base import Method, Phase
from kerasgen.methods.cdan import CDAN
from kerasgen.methods.cmd import CMD
from kerasgen.methods.consistency import Consistency
from kerasgen.methods.coral import CORAL
from kerasgen.methods.dan import DAN
from kerasgen.methods.dann import DANN
from kerasgen.methods.deep_jdot import DeepJDOT
from kerasgen.methods.dirt_t import DIRTT
from kerasgen.methods.domain_mixup import DomainMixup
from kerasgen.methods.erm import ERM
from kerasgen.methods.fishr import Fishr
from kerasgen.methods.free_training import FreeTraining
from kerasgen.methods.group_dro import GroupDRO
from kerasgen.methods.information import InformationMaximization
from kerasgen.methods.irm import IRM
from kerasgen.methods.jan import JAN
from kerasgen.methods.judge import reverse_gradient
from kerasgen.methods.learned_adversary import LearnedAdversary
from kerasgen.methods.logit_pairing import LogitPairing
from kerasgen.methods.manifold_mixup import ManifoldMixup
from kerasgen.methods.mart import MART
from kerasgen.methods.mcc import MCC
from kerasgen.methods.mcd import MCD
from kerasgen.methods.mdd import MDD
from kerasgen.methods.mix_style import MixStyle
from kerasgen.methods.optimizer import adam, adamw, sgd
from kerasgen.methods.perturb import perturb
from kerasgen.methods.self_ensembling import SelfEnsembling
from kerasgen.methods.shot import SHOT
from kerasgen.methods.step import ASAM, SAM, Descent, Step
from kerasgen.methods.step_awp import AWP
from kerasgen.methods.swd import SWD
from kerasgen.methods.trades import TRADES
from kerasgen.methods.vada import VADA
from kerasgen.methods.vat import VAT
from kerasgen.methods.vrex import VREX
from kerasgen.methods.wdgrl import WDGRL

__all__ = [
    "AFN",
    "ASAM",
    "AWP",
    "AdversarialTraining",
    "CDAN",
    "CMD",
    "CORAL",
    "Consistency",
    "DAN",
    "DANN",
    "DIRTT",
    "DeepJDOT",
    "Descent",
    "DomainMixup",
    "ERM",
    "Fishr",
    "FreeTraining",
    "GroupDRO",
    "IRM",
    "InformationMaximization",
    "JAN",
    "LearnedAdversary",
    "LogitPairing",
    "MART",
    "MCC",
    "MCD",
    "MDD",
    "ManifoldMixup",
    "Method",
    "MixStyle",
    "Phase",
    "SAM",
    "SHOT",
    "SWD",
    "SelfEnsembling",
    "Step",
    "TRADES",
    "VADA",
    "VAT",
    "VREX",
    "WDGRL",
    "adam",
    "adamw",
    "perturb",
    "reverse_gradient",
    "sgd",
]
