"""The promises of each kind of part, as checks that anyone can run."""

from kerasgen.testing.check import all_checks, check, checks
from kerasgen.testing.expect import (
    CheckError,
    defaults,
    examples,
    expect,
    model_arguments,
    refuses,
)
from kerasgen.testing.subjects import Subject, sample, subject, told

__all__ = [
    "Subject",
    "CheckError",
    "all_checks",
    "check",
    "checks",
    "defaults",
    "examples",
    "expect",
    "model_arguments",
    "refuses",
    "sample",
    "subject",
    "told",
]
