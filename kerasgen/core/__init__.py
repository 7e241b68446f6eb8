"""The words that every room speaks."""

from kerasgen.core.check import instance, message, nearest, need, one_of
from kerasgen.core.console import say, speak, warn, without_retracing
from kerasgen.core.cut import (
    adopt,
    clone,
    fresh_layer,
    heads,
    split,
    takes,
    widths,
)
from kerasgen.core.draw import beta_share
from kerasgen.core.fields import (
    inputs_of,
    mean,
    pack,
    same_shapes,
    unpack,
)
from kerasgen.core.files import atomic_folder, atomic_write
from kerasgen.core.gradient import (
    compiled,
    input_gradient,
    term_gradients,
    value_and_gradients,
)
from kerasgen.core.mel import mel_filters
from kerasgen.core.ranges import (
    Choice,
    File,
    Float,
    Int,
    Numbers,
    Shape,
    check_arguments,
)
from kerasgen.core.registry import create, find, parts, register, snake, table
from kerasgen.core.seed import child_seed, set_seed
from kerasgen.core.untuned import untuned

__all__ = [
    "Choice",
    "File",
    "Float",
    "Int",
    "Shape",
    "Numbers",
    "adopt",
    "atomic_folder",
    "atomic_write",
    "beta_share",
    "check_arguments",
    "child_seed",
    "clone",
    "compiled",
    "create",
    "find",
    "fresh_layer",
    "heads",
    "input_gradient",
    "inputs_of",
    "instance",
    "mean",
    "mel_filters",
    "message",
    "nearest",
    "need",
    "one_of",
    "pack",
    "parts",
    "register",
    "same_shapes",
    "say",
    "set_seed",
    "snake",
    "speak",
    "split",
    "table",
    "term_gradients",
    "takes",
    "unpack",
    "untuned",
    "value_and_gradients",
    "warn",
    "widths",
    "without_retracing",
]
