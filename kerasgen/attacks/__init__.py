"""Attacks: inputs changed within a ball so that a model errs."""

from kerasgen.attacks.apgd import APGD
from kerasgen.attacks.auto_attack import AutoAttack
from kerasgen.attacks.base import Attack
from kerasgen.attacks.carlini_wagner import CarliniWagner
from kerasgen.attacks.deep_fool import DeepFool
from kerasgen.attacks.embedding_pgd import EmbeddingPGD
from kerasgen.attacks.eot import EOT
from kerasgen.attacks.fab import FAB
from kerasgen.attacks.fgsm import FGSM
from kerasgen.attacks.hop_skip_jump import HopSkipJump
from kerasgen.attacks.noise import UniformNoise
from kerasgen.attacks.patch import Patch
from kerasgen.attacks.pgd import PGD
from kerasgen.attacks.rfgsm import RFGSM
from kerasgen.attacks.spatial import Spatial
from kerasgen.attacks.square import Square
from kerasgen.attacks.table_pgd import TablePGD
from kerasgen.attacks.table_search import TableSearch
from kerasgen.attacks.wave_pgd import WavePGD
from kerasgen.attacks.word_substitution import WordSubstitution

__all__ = [
    "APGD",
    "EOT",
    "FAB",
    "FGSM",
    "PGD",
    "RFGSM",
    "Attack",
    "AutoAttack",
    "CarliniWagner",
    "DeepFool",
    "EmbeddingPGD",
    "HopSkipJump",
    "Patch",
    "Spatial",
    "Square",
    "TablePGD",
    "TableSearch",
    "UniformNoise",
    "WavePGD",
    "WordSubstitution",
]
