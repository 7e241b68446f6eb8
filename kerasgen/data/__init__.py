"""Any source in, honest splits and batches on `tf.data` out."""

from kerasgen.data import synthetic
from kerasgen.data.archive import from_builder, from_npz, from_tfds
from kerasgen.data.bundled import from_sklearn
from kerasgen.data.data import Data, assemble
from kerasgen.data.examples import Examples, digest_examples, join
from kerasgen.data.folder import from_folder
from kerasgen.data.images import decode_image, inspect_image
from kerasgen.data.labels import find_task
from kerasgen.data.load import load
from kerasgen.data.prepare import Encode, Standardize, adapt
from kerasgen.data.raw import Raw, from_arrays, identifiers
from kerasgen.data.schema import Column, Schema
from kerasgen.data.splits import classes_of, cut, fold_indices
from kerasgen.data.stream import Source, codes, stream, unlabeled
from kerasgen.data.table import from_csv

__all__ = [
    "Column",
    "Data",
    "Encode",
    "Examples",
    "Raw",
    "Schema",
    "Source",
    "Standardize",
    "adapt",
    "assemble",
    "classes_of",
    "codes",
    "cut",
    "decode_image",
    "digest_examples",
    "find_task",
    "fold_indices",
    "from_arrays",
    "from_builder",
    "from_csv",
    "from_folder",
    "from_npz",
    "from_sklearn",
    "from_tfds",
    "identifiers",
    "inspect_image",
    "join",
    "load",
    "stream",
    "synthetic",
    "unlabeled",
]
