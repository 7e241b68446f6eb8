"""How weights are learnt: methods, the steps under them, optimizers."""

from kerasgen.layers.gradient import reverse_gradient
from kerasgen.methods.ada_bn import AdaBN
from kerasgen.methods.adda import ADDA
from kerasgen.methods.adversarial_training import AdversarialTraining
from kerasgen.methods.afn import AFN
from kerasgen.methods.attention_transfer import AttentionTransfer
from kerasgen.methods.barlow_twins import BarlowTwins
from kerasgen.methods.base import Method, Phase
from kerasgen.methods.cdan import CDAN
from kerasgen.methods.cmd import CMD
from kerasgen.methods.co_teaching import CoTeaching
from kerasgen.methods.confidence_penalty import ConfidencePenalty
from kerasgen.methods.consistency import Consistency
from kerasgen.methods.coral import CORAL
from kerasgen.methods.dan import DAN
from kerasgen.methods.dann import DANN
from kerasgen.methods.data_free_distillation import DataFreeDistillation
from kerasgen.methods.dec import DEC
from kerasgen.methods.decoupled import HeadRetraining, tau_normalized
from kerasgen.methods.deep_cca import DeepCCA
from kerasgen.methods.deep_jdot import DeepJDOT
from kerasgen.methods.deferred import DeferredReweighting
from kerasgen.methods.dirt_t import DIRTT
from kerasgen.methods.distillation import Distillation
from kerasgen.methods.divide_mix import DivideMix
from kerasgen.methods.domain_mixup import DomainMixup
from kerasgen.methods.drcn import DRCN
from kerasgen.methods.dsn import DSN
from kerasgen.methods.elr import ELR
from kerasgen.methods.erm import ERM
from kerasgen.methods.fda import FDA
from kerasgen.methods.feature_distillation import FeatureDistillation
from kerasgen.methods.fishr import Fishr
from kerasgen.methods.fix_match import FixMatch
from kerasgen.methods.free_training import FreeTraining
from kerasgen.methods.grad_norm import GradNorm
from kerasgen.methods.group_coral import GroupCORAL
from kerasgen.methods.group_dro import GroupDRO
from kerasgen.methods.iic import IIC
from kerasgen.methods.imsat import IMSAT
from kerasgen.methods.information import InformationMaximization
from kerasgen.methods.irm import IRM
from kerasgen.methods.jan import JAN
from kerasgen.methods.joint import Joint
from kerasgen.methods.label_shift import LabelShift
from kerasgen.methods.layered import LayeredAdam, layered_adam
from kerasgen.methods.learned_adversary import LearnedAdversary
from kerasgen.methods.logit_pairing import LogitPairing
from kerasgen.methods.m3_sda import M3SDA
from kerasgen.methods.manifold_mixup import ManifoldMixup
from kerasgen.methods.mart import MART
from kerasgen.methods.masked_autoencoder import MaskedAutoencoder
from kerasgen.methods.mcc import MCC
from kerasgen.methods.mcd import MCD
from kerasgen.methods.mdd import MDD
from kerasgen.methods.mix_style import MixStyle
from kerasgen.methods.mme import MME
from kerasgen.methods.optimizer import adam, adamw, sgd
from kerasgen.methods.osbp import OSBP
from kerasgen.methods.pada import PADA
from kerasgen.methods.perturb import perturb
from kerasgen.methods.r_drop import RDrop
from kerasgen.methods.scheduled_sampling import ScheduledSampling
from kerasgen.methods.self_distillation import SelfDistillation
from kerasgen.methods.self_ensembling import SelfEnsembling
from kerasgen.methods.self_training import SelfTraining
from kerasgen.methods.shot import SHOT
from kerasgen.methods.sim_clr import SimCLR
from kerasgen.methods.small_loss import SmallLoss
from kerasgen.methods.step import ASAM, SAM, Descent, Step
from kerasgen.methods.step_awp import AWP
from kerasgen.methods.step_gsam import GSAM
from kerasgen.methods.step_look import LookSAM
from kerasgen.methods.step_pc_grad import PCGrad
from kerasgen.methods.swd import SWD
from kerasgen.methods.trades import TRADES
from kerasgen.methods.transfer import transfer
from kerasgen.methods.two_encoders import TwoEncoders
from kerasgen.methods.uda import UDA
from kerasgen.methods.uncertainty import UncertaintyWeighting
from kerasgen.methods.vada import VADA
from kerasgen.methods.vat import VAT
from kerasgen.methods.vrex import VREX
from kerasgen.methods.wdgrl import WDGRL

__all__ = [
    "ADDA",
    "AFN",
    "ASAM",
    "AWP",
    "AdaBN",
    "AdversarialTraining",
    "AttentionTransfer",
    "BarlowTwins",
    "CDAN",
    "CMD",
    "CORAL",
    "CoTeaching",
    "ConfidencePenalty",
    "Consistency",
    "DAN",
    "DANN",
    "DEC",
    "DIRTT",
    "DRCN",
    "DSN",
    "DataFreeDistillation",
    "DeepCCA",
    "DeepJDOT",
    "DeferredReweighting",
    "Descent",
    "Distillation",
    "DivideMix",
    "DomainMixup",
    "ELR",
    "ERM",
    "FDA",
    "FeatureDistillation",
    "Fishr",
    "FixMatch",
    "FreeTraining",
    "GSAM",
    "GradNorm",
    "GroupCORAL",
    "GroupDRO",
    "HeadRetraining",
    "IIC",
    "IMSAT",
    "IRM",
    "InformationMaximization",
    "JAN",
    "Joint",
    "LabelShift",
    "LayeredAdam",
    "LearnedAdversary",
    "LogitPairing",
    "LookSAM",
    "M3SDA",
    "MART",
    "MCC",
    "MCD",
    "MDD",
    "MME",
    "ManifoldMixup",
    "MaskedAutoencoder",
    "Method",
    "MixStyle",
    "OSBP",
    "PADA",
    "PCGrad",
    "Phase",
    "RDrop",
    "SAM",
    "SHOT",
    "SWD",
    "ScheduledSampling",
    "SelfDistillation",
    "SelfEnsembling",
    "SelfTraining",
    "SimCLR",
    "SmallLoss",
    "Step",
    "TRADES",
    "TwoEncoders",
    "UDA",
    "UncertaintyWeighting",
    "VADA",
    "VAT",
    "VREX",
    "WDGRL",
    "adam",
    "adamw",
    "layered_adam",
    "perturb",
    "reverse_gradient",
    "sgd",
    "tau_normalized",
    "transfer",
]
