"""Factories: one line to a plain `keras.Model`."""

from kerasgen.models.audio_classifier import audio_classifier
from kerasgen.models.image_classifier import image_classifier
from kerasgen.models.segmenter import segmenter
from kerasgen.models.tabular import tabular_classifier, tabular_regressor
from kerasgen.models.tagger import tagger
from kerasgen.models.text_classifier import text_classifier
from kerasgen.models.video_classifier import video_classifier

__all__ = [
    "audio_classifier",
    "image_classifier",
    "segmenter",
    "tabular_classifier",
    "tabular_regressor",
    "tagger",
    "text_classifier",
    "video_classifier",
]
