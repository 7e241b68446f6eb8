"""Attacks: inputs changed within a ball so that a model errs."""

from kerasgen.attacks.apgd import APGD
from kerasgen.attacks.auto_attack import AutoAttack
from kerasgen.attacks.base import Attack
from kerasgen.attacks.carlini_wagner import CarliniWagner
from kerasgen.attacks.deep_fool import DeepFool
from kerasgen.attacks.fab import FAB
from kerasgen.attacks.fgsm import FGSM
from kerasgen.attacks.noise import UniformNoise
from kerasgen.attacks.patch import Patch
from kerasgen.attacks.pgd import PGD
from kerasgen.attacks.spatial import Spatial
from kerasgen.attacks.square import Square

__all__ = [
    "APGD",
    "FAB",
    "FGSM",
    "PGD",
    "Attack",
    "AutoAttack",
    "CarliniWagner",
    "DeepFool",
    "Patch",
    "Spatial",
    "Square",
    "UniformNoise",
]
