"""Factories: one line to a plain `keras.Model`."""

from kerasgen.models.audio_classifier import audio_classifier
from kerasgen.models.image_classifier import image_classifier
from kerasgen.models.tabular import tabular_classifier, tabular_regressor
from kerasgen.models.tagger import tagger
from kerasgen.models.text_classifier import text_classifier

__all__ = [
    "audio_classifier",
    "image_classifier",
    "tabular_classifier",
    "tabular_regressor",
    "tagger",
    "text_classifier",
]
