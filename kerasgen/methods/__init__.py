"""How weights are learnt: methods, the steps under them, optimizers."""

from kerasgen.methods.ada_bn import AdaBN
from kerasgen.methods.adda import ADDA
from kerasgen.methods.afn import AFN
from kerasgen.methods.base import Method, Phase
from kerasgen.methods.cdan import CDAN
from kerasgen.methods.cmd import CMD
from kerasgen.methods.coral import CORAL
from kerasgen.methods.dan import DAN
from kerasgen.methods.dann import DANN
from kerasgen.methods.deep_jdot import DeepJDOT
from kerasgen.methods.dirt_t import DIRTT
from kerasgen.methods.domain_mixup import DomainMixup
from kerasgen.methods.erm import ERM
from kerasgen.methods.fda import FDA
from kerasgen.methods.fishr import Fishr
from kerasgen.methods.group_dro import GroupDRO
from kerasgen.methods.information import InformationMaximization
from kerasgen.methods.irm import IRM
from kerasgen.methods.jan import JAN
from kerasgen.methods.judge import reverse_gradient
from kerasgen.methods.label_shift import LabelShift
from kerasgen.methods.m3_sda import M3SDA
from kerasgen.methods.manifold_mixup import ManifoldMixup
from kerasgen.methods.mcc import MCC
from kerasgen.methods.mcd import MCD
from kerasgen.methods.mdd import MDD
from kerasgen.methods.mix_style import MixStyle
from kerasgen.methods.mme import MME
from kerasgen.methods.optimizer import adam, adamw, sgd
from kerasgen.methods.osbp import OSBP
from kerasgen.methods.pada import PADA
from kerasgen.methods.self_ensembling import SelfEnsembling
from kerasgen.methods.shot import SHOT
from kerasgen.methods.step import ASAM, SAM, Descent, Step
from kerasgen.methods.swd import SWD
from kerasgen.methods.vada import VADA
from kerasgen.methods.vat import VAT
from kerasgen.methods.vrex import VREX
from kerasgen.methods.wdgrl import WDGRL

__all__ = [
    "ADDA",
    "AFN",
    "ASAM",
    "AdaBN",
    "CDAN",
    "CMD",
    "CORAL",
    "DAN",
    "DANN",
    "DIRTT",
    "DeepJDOT",
    "Descent",
    "DomainMixup",
    "ERM",
    "FDA",
    "Fishr",
    "GroupDRO",
    "IRM",
    "InformationMaximization",
    "JAN",
    "LabelShift",
    "M3SDA",
    "MCC",
    "MCD",
    "MDD",
    "MME",
    "ManifoldMixup",
    "Method",
    "MixStyle",
    "OSBP",
    "PADA",
    "Phase",
    "SAM",
    "SHOT",
    "SWD",
    "SelfEnsembling",
    "Step",
    "VADA",
    "VAT",
    "VREX",
    "WDGRL",
    "adam",
    "adamw",
    "reverse_gradient",
    "sgd",
]
