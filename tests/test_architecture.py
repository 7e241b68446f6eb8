"""The laws of the house, read from the source."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[1]
PACKAGE = ROOT / "kerasgen"
FILES = sorted(PACKAGE.rglob("*.py"))

CORE = {"core"}
NOUNS = {"tasks", "models", "methods", "evaluate"}
TOOLS = {
    *("data", "augment", "losses", "metrics", "callbacks", "attacks", "serve"),
    *("layers", "online"),
}
# Who may import whom; a room may always import itself.
ARROWS = {
    "version": set(),
    "quiet": set(),
    "core": set(),
    **{room: CORE for room in TOOLS},
    "tasks": CORE | {"losses", "metrics"},
    "models": CORE | {"layers"},
    "methods": CORE | {"layers", "losses", "attacks"},
    "evaluate": CORE | {"metrics", "attacks", "augment", "data"},
    "recipe": CORE | TOOLS | NOUNS | {"version"},
    "testing": CORE | TOOLS | NOUNS | {"recipe"},
    "tune": CORE | {"recipe", "callbacks", "evaluate"},
    "catalog": CORE | {"testing"},
    "doctor": CORE | {"data", "methods", "models", "serve", "version"},
}
# Where TensorFlow itself may be named; elsewhere it is `keras.ops`.
TENSORFLOW = {
    "core/fields.py",
    "core/gradient.py",
    "core/untuned.py",
    "doctor.py",
    "evaluate/cost.py",
    "evaluate/tensorboard.py",
    "methods/base.py",
    "methods/penalties.py",
    "methods/step.py",
    "methods/step_gsam.py",
    "methods/step_look.py",
}
TENSORFLOW_ROOMS = {"data", "augment", "serve", "testing"}


def name_of(path):
    return path.relative_to(PACKAGE).as_posix()


def room_of(path):
    return name_of(path).removesuffix(".py").split("/")[0]


def imports(path):
    """Every module of ours that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name


def ours(path):
    """The files of ours that a file imports."""
    found = set()
    for module in imports(path):
        if module.split(".")[0] != "kerasgen" or module == "kerasgen":
            continue
        target = ROOT.joinpath(*module.split("."))
        if target.with_suffix(".py").exists():
            found.add(target.with_suffix(".py"))
        elif (target / "__init__.py").exists():
            found.add(target / "__init__.py")
    return found


LAW = [path for path in FILES if room_of(path) in ARROWS]


@pytest.mark.parametrize("path", LAW, ids=name_of)
def test_arrows_go_down(path):
    allowed = ARROWS[room_of(path)] | {room_of(path)}
    strange = {room_of(target) for target in ours(path)} - allowed
    assert not strange, f"{name_of(path)} must not import {sorted(strange)}"
    bare = [m for m in imports(path) if m == "kerasgen"]
    assert not bare, f"{name_of(path)} must not import the whole package"


def test_only_the_top_stands_outside_the_table():
    outside = {name_of(path) for path in FILES if room_of(path) not in ARROWS}
    assert outside == {"__init__.py", "__main__.py", "cli.py"}


def test_there_are_no_circles():
    edges = {path: ours(path) - {path} for path in FILES}
    # A room's index imports its files, and they may not import it back.
    state = {}

    def visit(path, trail):
        if state.get(path) == "done":
            return
        assert path not in trail, [name_of(p) for p in (*trail, path)]
        for target in sorted(edges.get(path, ())):
            visit(target, (*trail, path))
        state[path] = "done"

    for path in FILES:
        visit(path, ())


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_tensorflow_only_where_it_must_be(path):
    if name_of(path) in TENSORFLOW or room_of(path) in TENSORFLOW_ROOMS:
        return
    named = [m for m in imports(path) if m.split(".")[0] == "tensorflow"]
    assert not named


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_are_short(path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    assert max(map(len, text.splitlines()), default=0) <= 80
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.end_lineno - node.lineno + 1
            told = ast.get_docstring(node, clean=False)
            body -= len(told.splitlines()) if told else 0
            assert body <= 60, f"{node.name} has {body} lines"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_assert_no_print_no_star(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        assert not isinstance(node, ast.Assert), f"line {node.lineno}: assert"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"line {node.lineno}: print"
        if isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
            assert "*" not in names, f"line {node.lineno}: star import"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_left_undone(path):
    text = path.read_text("utf-8")
    for word in ("TODO", "FIXME", "XXX"):
        assert word not in text


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_module_has_one_line_of_purpose(path):
    told = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert told and told.splitlines()[0].endswith((".", "?"))


def rooms():
    return sorted(p.parent for p in PACKAGE.glob("*/__init__.py"))


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_indexes_are_imports_alone(room):
    tree = ast.parse((room / "__init__.py").read_text("utf-8"))
    for node in tree.body:
        kinds = (ast.ImportFrom, ast.Import, ast.Assign, ast.Expr)
        assert isinstance(node, kinds), f"line {node.lineno}"
