"""Any source in, honest splits and batches on `tf.data` out."""

from kerasgen.data import synthetic
from kerasgen.data.archive import from_builder, from_npz, from_tfds
from kerasgen.data.arrays import from_memory
from kerasgen.data.balance import balance
from kerasgen.data.beside import beside, forget, pair
from kerasgen.data.bundled import from_sklearn
from kerasgen.data.confident import (
    anchor_matrix,
    confident_joint,
    find_mislabelled,
    noise_matrix,
)
from kerasgen.data.conll import from_conll
from kerasgen.data.covariate import covariate_shift, keep_chances
from kerasgen.data.data import Data, assemble
from kerasgen.data.dataset import from_dataset
from kerasgen.data.duplicates import find_duplicates
from kerasgen.data.examples import (
    Examples,
    digest_examples,
    distinct,
    join,
)
from kerasgen.data.extras import Beside, find_extras, whole
from kerasgen.data.fetch import read_examples, stamp
from kerasgen.data.folder import from_folder
from kerasgen.data.forget_labels import forget_labels
from kerasgen.data.images import decode_image, inspect_image
from kerasgen.data.imbalance import imbalance, prior_shift
from kerasgen.data.label_noise import label_noise, transition, true_labels
from kerasgen.data.labels import find_task
from kerasgen.data.lines import from_parallel, from_texts
from kerasgen.data.load import load
from kerasgen.data.masks import from_masks
from kerasgen.data.missing import missing_values
from kerasgen.data.partition import partition
from kerasgen.data.prepare import Encode, Standardize, adapt
from kerasgen.data.preview import preview
from kerasgen.data.ratings import from_ratings
from kerasgen.data.raw import Raw, from_arrays, identifiers
from kerasgen.data.records import from_records, write_tfrecord
from kerasgen.data.rows import Rows, Spool
from kerasgen.data.schema import Column, Schema, check_range
from kerasgen.data.sounds import decode_sound, inspect_sound
from kerasgen.data.splits import classes_of, cut, fold_indices, strata_of
from kerasgen.data.stream import Source, codes, in_turn, stream, unlabeled
from kerasgen.data.summary import check_leaks, summarize
from kerasgen.data.table import from_csv, from_parquet
from kerasgen.data.unit import input_range
from kerasgen.data.weights import balanced_weights, weigh

__all__ = [
    "Beside",
    "Column",
    "Data",
    "Encode",
    "Examples",
    "Raw",
    "Rows",
    "Schema",
    "Source",
    "Spool",
    "Standardize",
    "adapt",
    "anchor_matrix",
    "assemble",
    "balance",
    "balanced_weights",
    "beside",
    "check_leaks",
    "check_range",
    "classes_of",
    "codes",
    "confident_joint",
    "covariate_shift",
    "cut",
    "decode_image",
    "decode_sound",
    "digest_examples",
    "distinct",
    "find_duplicates",
    "find_extras",
    "find_mislabelled",
    "find_task",
    "fold_indices",
    "forget",
    "forget_labels",
    "from_arrays",
    "from_builder",
    "from_conll",
    "from_csv",
    "from_dataset",
    "from_folder",
    "from_masks",
    "from_memory",
    "from_npz",
    "from_parallel",
    "from_parquet",
    "from_ratings",
    "from_records",
    "from_sklearn",
    "from_texts",
    "from_tfds",
    "identifiers",
    "imbalance",
    "in_turn",
    "input_range",
    "inspect_image",
    "inspect_sound",
    "join",
    "keep_chances",
    "label_noise",
    "load",
    "missing_values",
    "pair",
    "noise_matrix",
    "partition",
    "preview",
    "prior_shift",
    "read_examples",
    "stamp",
    "strata_of",
    "stream",
    "summarize",
    "synthetic",
    "transition",
    "true_labels",
    "unlabeled",
    "weigh",
    "whole",
    "write_tfrecord",
]
