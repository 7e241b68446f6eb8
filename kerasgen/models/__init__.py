"""Factories: one line to a plain `keras.Model`."""

from kerasgen.models.anomaly import anomaly_detector
from kerasgen.models.audio_classifier import audio_classifier
from kerasgen.models.cluster import clusterer
from kerasgen.models.image_classifier import image_classifier
from kerasgen.models.seq2seq import seq2seq
from kerasgen.models.tabular import tabular_classifier, tabular_regressor
from kerasgen.models.tagger import tagger
from kerasgen.models.text_classifier import text_classifier
from kerasgen.models.topics import plsa, top_words, topic_model, word_logs

__all__ = [
    "anomaly_detector",
    "audio_classifier",
    "clusterer",
    "image_classifier",
    "plsa",
    "seq2seq",
    "tabular_classifier",
    "tabular_regressor",
    "tagger",
    "text_classifier",
    "top_words",
    "topic_model",
    "word_logs",
]
