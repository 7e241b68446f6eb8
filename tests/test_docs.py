"""The documentation is true: sections are there, examples and README run."""

import ast
import doctest
import importlib
import inspect
import pathlib
import pkgutil
import re
import shlex
import subprocess
import sys

import keras
import pytest

import kerasgen
from kerasgen.cli import parser

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def modules():
    found = pkgutil.walk_packages([str(ROOT / "kerasgen")], "kerasgen.")
    return sorted(m.name for m in found if not m.name.endswith("__main__"))


# Their examples train or compile; methods are trained by their own suite.
LONG = (
    "kerasgen.methods.",
    "kerasgen.augment.aug_mix",
    "kerasgen.augment.auto_augment",
    "kerasgen.augment.layer",
    "kerasgen.augment.rand_augment",
    "kerasgen.attacks.carlini_wagner",
    "kerasgen.recipe.run",
    "kerasgen.tune.tune",
)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow)
        if name.startswith(LONG)
        else name
        for name in modules()
    ],
)
def test_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)
    module = importlib.import_module(name)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    runner = doctest.DocTestRunner(optionflags=flags)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        runner.run(test)
    assert runner.failures == 0


def public():
    """Every public name of every room, with its room."""
    for name in modules():
        module = importlib.import_module(name)
        for each in getattr(module, "__all__", ()):
            part = getattr(module, each)
            own = getattr(part, "__module__", "").startswith("kerasgen")
            if own and (inspect.isclass(part) or inspect.isfunction(part)):
                yield f"{name}.{each}", part


PUBLIC = dict(public())


def own_nodes(function):
    """The nodes of a function without those of the functions inside it."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            yield node
            yield from own_nodes(node)


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_are_told(name):
    part = PUBLIC[name]
    text = inspect.getdoc(part) or ""
    first = text.split("\n\n")[0]
    assert first.endswith((".", "?")) and len(first.splitlines()) <= 2, first
    target = part.__init__ if inspect.isclass(part) else part
    arguments = [
        argument
        for argument, found in inspect.signature(target).parameters.items()
        if argument not in ("self", "args", "kwargs", "values")
        and found.kind is not inspect.Parameter.VAR_POSITIONAL
    ]
    own = not inspect.isclass(part) or "__init__" in vars(part)
    if arguments and own and not name.endswith("Error"):
        assert "Args:" in text
        for argument in arguments:
            assert re.search(
                rf"^\s+\*{{0,2}}{argument}: ", text, re.MULTILINE
            ), f"{argument} isn't told"
    if inspect.isfunction(part):
        tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(part)))
        gives = any(
            isinstance(node, ast.Return) and node.value is not None
            for node in own_nodes(tree.body[0])
        )
        raises = any(isinstance(node, ast.Raise) for node in ast.walk(tree))
        assert not gives or "Returns:" in text or "Yields:" in text
        assert not raises or "Raises:" in text


@pytest.mark.parametrize("name", PUBLIC)
def test_public_methods_are_told(name):
    part = PUBLIC[name]
    if inspect.isclass(part):
        for each, method in vars(part).items():
            if inspect.isfunction(method) and not each.startswith("_"):
                assert inspect.getdoc(method), f"{name}.{each} isn't told"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


@pytest.mark.slow
def test_readme_python_runs(tmp_path):
    script = "\n".join(blocks("python"))
    assert script
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_readme_commands_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.M))
    seen = 0
    for line in "\n".join(blocks("bash")).splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["make"]:
            assert words[1] in targets, line
            seen += 1
        if words[:1] == ["kerasgen"]:
            parser().parse_args(words[1:])
            seen += 1
        for word in words:
            if word.startswith(("pipelines/", "benchmarks/")):
                assert (ROOT / word).exists(), line
    assert seen >= 4


def test_the_other_projects_name_is_never_installed():
    suffixes = (".py", ".md", ".cfg", ".toml", ".ipynb", "")
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part != ".ci" for part in parts)
        if hidden or "runs" in parts or path.suffix not in suffixes:
            continue
        if path.is_file():
            text = path.read_text("utf-8", "replace")
            plain = re.search(r"pip install [\"']?kerasgen(?!-toolkit)", text)
            assert not plain or path == pathlib.Path(__file__), path


def test_the_top_is_small_and_complete():
    assert len(kerasgen.__all__) <= 60
    for name in kerasgen.__all__:
        assert getattr(kerasgen, name) is not None
