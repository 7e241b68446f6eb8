"""Checks that every part must pass."""

import functools
import inspect
import json
import re

import keras

from kerasgen.core import snake, table
from kerasgen.testing.expect import defaults, expect, refuses
from kerasgen.testing.subjects import sample


def check_makes_with_defaults(kind, part):
    """Every own argument has a default, and the defaults work."""
    sample(kind, part)
    missing = sorted(set(table(part)) - set(defaults(part)))
    expect(not missing, f"{part.__name__}: {missing} must have defaults")


def check_defaults_are_legal(kind, part):
    """Each default lies in its declared range."""
    for name, value in defaults(part).items():
        if value is not None:
            table(part)[name].check(part.__name__, name, value)


def check_refuses_what_is_out_of_range(kind, part):
    """A value outside the declared range is refused by name and value."""
    for name, bounds in table(part).items():
        value = bounds.outside()
        if value is not None:
            call = functools.partial(sample, kind, part, **{name: value})
            refuses(call, name, value, part.__name__)


def check_config_round_trip(kind, part):
    """Configuration to JSON and back gives the same object."""
    if not inspect.isclass(part) or not hasattr(part, "get_config"):
        return
    made = sample(kind, part)
    first = json.dumps(
        keras.saving.serialize_keras_object(made), sort_keys=True
    )
    back = keras.saving.deserialize_keras_object(json.loads(first))
    second = json.dumps(
        keras.saving.serialize_keras_object(back), sort_keys=True
    )
    expect(
        type(back) is type(made), f"{part.__name__}: its class must come back"
    )
    expect(
        first == second, f"{part.__name__}: its configuration must come back"
    )
    config = made.get_config()
    missing = sorted(set(table(part)) - set(config))
    expect(not missing, f"{part.__name__}: get_config must name {missing}")


def check_name(kind, part):
    """The registered name is the snake case of the class or function."""
    name = snake(part.__name__)
    expect(
        re.fullmatch(r"[a-z][a-z0-9_]*", name), f"{name!r} must be snake case"
    )


def check_docstring(kind, part):
    """The docstring has one sentence, its sections and an example."""
    text = inspect.getdoc(part) or ""
    first = text.split("\n\n")[0]
    expect(
        first.endswith((".", "?")),
        f"{part.__name__}: one sentence must come first",
    )
    expect("Example:" in text, f"{part.__name__}: there must be an example")
    if table(part):
        expect(
            "Args:" in text, f"{part.__name__}: there must be a section Args"
        )
        for name in table(part):
            told = re.search(rf"^\s+{name}: ", text, re.MULTILINE)
            expect(told, f"{part.__name__}: Args must tell of `{name}`")


CHECKS = (
    check_makes_with_defaults,
    check_defaults_are_legal,
    check_refuses_what_is_out_of_range,
    check_config_round_trip,
    check_name,
    check_docstring,
)
