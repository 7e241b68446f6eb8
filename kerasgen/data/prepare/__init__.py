"""Prepare: raw example -> tensor, as one Keras model adapted on train only."""

from kerasgen.data.prepare.adapt import adapt
from kerasgen.data.prepare.audio import MFCC, PCEN, LogMel
from kerasgen.data.prepare.base import Transform
from kerasgen.data.prepare.category import CategoryIndex, Hashing, OneHot
from kerasgen.data.prepare.chain import Chain
from kerasgen.data.prepare.date import DateParts
from kerasgen.data.prepare.encode import Encode
from kerasgen.data.prepare.missing import Impute, Missing
from kerasgen.data.prepare.number import Periodic, PiecewiseLinear
from kerasgen.data.prepare.places import id_columns
from kerasgen.data.prepare.plan import default_plan, read_plan, write_plan
from kerasgen.data.prepare.power import Log, Power, Quantile
from kerasgen.data.prepare.scale import Clip, RobustScale, Scale, Standardize
from kerasgen.data.prepare.sketch import Counts, Moments, Quantiles, Sample
from kerasgen.data.prepare.spelling import Spelling
from kerasgen.data.prepare.subwords import Unigram, WordPiece
from kerasgen.data.prepare.text import CleanText
from kerasgen.data.prepare.words import Characters, Words

__all__ = [
    "MFCC",
    "PCEN",
    "CategoryIndex",
    "Chain",
    "Characters",
    "CleanText",
    "Clip",
    "Counts",
    "DateParts",
    "Encode",
    "Hashing",
    "Impute",
    "Log",
    "LogMel",
    "Missing",
    "Moments",
    "OneHot",
    "Periodic",
    "PiecewiseLinear",
    "Power",
    "Quantile",
    "Quantiles",
    "RobustScale",
    "Sample",
    "Scale",
    "Spelling",
    "Standardize",
    "Transform",
    "Unigram",
    "WordPiece",
    "Words",
    "adapt",
    "default_plan",
    "id_columns",
    "read_plan",
    "write_plan",
]
