"""The command line: one verb for each public function, the same names."""

import argparse
import importlib.util
import json
import logging
import pathlib
import re
import sys

from kerasgen.core import message, nearest

VERBS = ("doctor", "list", "run", "tune", "evaluate", "export")
_FAULTS = (
    ValueError,
    TypeError,
    RuntimeError,
    ImportError,
    OSError,
    FloatingPointError,
)


class _Parser(argparse.ArgumentParser):
    """Tells the nearest known word with each unknown one."""

    def error(self, text):
        known = [*VERBS, *_options(self)]
        typed = re.findall(r"--?[\w-]+|'([^']*)'", text)
        typed += re.findall(r"--[\w-]+", text)
        near = [
            nearest(word, known) for word in typed if word and word not in known
        ]
        near = [word for word in near if word]
        hint = f" Did you mean {near[0]!r}?" if near else ""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {text}.{hint}\n")


def _options(parser):
    """The options of a parser and of its verbs."""
    found = list(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for verb in action.choices.values():
                found += _options(verb)
    return found


def main(argv=None):
    """Runs the command line.

    Args:
        argv: list of str, the words behind `kerasgen`; None takes those of
            the process.

    Returns:
        int, the exit status: 0 all well, 1 a check or an expected number
        failed, 2 the command could not be carried out.

    Example:
        >>> main(["list", "optimizer"])
        optimizer
          adam
          adamw
          layered_adam
          sgd
        0
    """
    options = parser().parse_args(argv)
    if options.quiet:
        logging.getLogger("kerasgen").setLevel(logging.ERROR)
    try:
        return options.act(options)
    except _FAULTS as error:
        if options.traceback:
            raise
        sys.stderr.write(f"kerasgen {options.verb}: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write(
            "\nInterrupted. The same command again goes on here.\n"
        )
        return 130


def parser():
    """Makes the parser of the command line.

    Returns:
        argparse.ArgumentParser.

    Example:
        >>> parser().parse_args(["run", "a.py", "--smoke"]).smoke
        True
    """
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--quiet", action="store_true", help="print nothing")
    common.add_argument(
        "--traceback", action="store_true", help="show where an error came from"
    )
    top = _Parser(prog="kerasgen", description=__doc__)
    verbs = top.add_subparsers(dest="verb", required=True, parser_class=_Parser)

    def verb(name, act, text):
        made = verbs.add_parser(
            name, help=text, description=text, parents=[common]
        )
        made.set_defaults(act=act)
        return made

    verb("doctor", _doctor, "check this machine and the installation")
    lists = verb("list", _list, "list the parts by kind")
    lists.add_argument("kind", nargs="?", help="one kind only, such as models")
    lists.add_argument(
        "--arguments", action="store_true", help="with their ranges"
    )
    lists.add_argument("--markdown", action="store_true", help="as a table")
    _recipe_options(verb("run", _run, "train, evaluate, report and export"))
    _tune_options(verb("tune", _tune, "search, then the same for the best"))
    _folder_options(verb)
    return top


def _recipe_options(verb):
    verb.add_argument(
        "recipe", help="a .py file with `recipe`, or a .json file"
    )
    verb.add_argument("--folder", help="where the run goes")
    verb.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change the recipe: --set method.step=sam --set epochs=3",
    )
    verb.add_argument(
        "--smoke",
        action="store_true",
        help="one batch of everything, in a minute",
    )


def _tune_options(verb):
    _recipe_options(verb)
    verb.add_argument("--trials", type=int, default=10, help="the most trials")
    verb.add_argument("--budget", help="the most time: 90s, 30m, 2h")
    verb.add_argument("--objective", help="the number that ranks")
    verb.add_argument(
        "--search", default="random", help="random, bayesian, hyperband or grid"
    )
    verb.add_argument(
        "--space", nargs="+", help="names to vary; all by default"
    )
    verb.add_argument(
        "--keep", type=int, default=3, help="how many models stay"
    )


def _folder_options(verb):
    asks = verb("evaluate", _evaluate, "ask the probes of a finished run again")
    asks.add_argument("folder", help="a finished run")
    asks.add_argument(
        "--probes", nargs="+", help="the probes to ask; all by default"
    )
    asks.add_argument(
        "--compare", metavar="FOLDER", help="another finished run"
    )
    gives = verb("export", _export, "write a finished run as a SavedModel")
    gives.add_argument("run", help="a finished run")
    gives.add_argument("folder", help="where the numbered version goes")


def read_recipe(path):
    """Reads a recipe from a Python or JSON file.

    Args:
        path: path of a .py file that defines `recipe`, or of a .json file.

    Returns:
        Recipe.

    Raises:
        FileNotFoundError: for a file that isn't there, with the nearest one.
        ValueError: for a file without a recipe.

    Example:
        >>> read_recipe("no/such.py")
        Traceback (most recent call last):
        ...
        FileNotFoundError: run: there must be a file no/such.py.
    """
    from kerasgen.recipe import Recipe

    path = pathlib.Path(path)
    if not path.is_file():
        files = [p.as_posix() for p in path.parent.glob("*") if p.is_file()]
        near = nearest(path.as_posix(), files)
        raise FileNotFoundError(
            message(
                "run",
                f"there must be a file {path.as_posix()}",
                None,
                f"Did you mean {near}?" if near else None,
            )
        )
    if path.suffix == ".json":
        return Recipe.load(path)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    recipe = getattr(module, "recipe", None)
    if not isinstance(recipe, Recipe):
        raise ValueError(
            message(
                "run", f"{path.as_posix()} must define `recipe`, a kg.Recipe"
            )
        )
    return recipe


def parse_settings(settings):
    """Reads NAME=VALUE words; a value is JSON, or else text.

    Args:
        settings: list of str.

    Returns:
        dict of dotted name to value.

    Raises:
        ValueError: for a word without "=".

    Example:
        >>> parse_settings(["epochs=3", "method.step=sam"])
        {'epochs': 3, 'method.step': 'sam'}
    """
    found = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise ValueError(
                message("--set", "it must be NAME=VALUE", {"set": setting})
            )
        try:
            found[name.strip()] = json.loads(text)
        except json.JSONDecodeError:
            found[name.strip()] = text
    return found


def _level(options):
    return 0 if options.quiet else "auto"


def _recipe(options):
    return read_recipe(options.recipe).replace(parse_settings(options.set))


def _run(options):
    from kerasgen.recipe import run

    found = run(
        _recipe(options),
        options.folder,
        smoke=options.smoke,
        verbose=_level(options),
    )
    return 0 if found.met else 1


def _tune(options):
    from kerasgen.tune import tune

    names = (
        "trials",
        "budget",
        "objective",
        "search",
        "space",
        "keep",
        "smoke",
    )
    found = tune(
        _recipe(options),
        options.folder,
        verbose=_level(options),
        **{name: getattr(options, name) for name in names},
    )
    return 0 if found.met else 1


def _evaluate(options):
    from kerasgen.core import create
    from kerasgen.evaluate import Report, evaluate
    from kerasgen.recipe import load_run

    found = load_run(options.folder)
    probes = options.probes and [
        create("probe", name) for name in options.probes
    ]
    report = evaluate(found.model, found.data, probes, seed=found.recipe.seed)
    sys.stdout.write(report.table() + "\n")
    if options.compare:
        other = Report.load(pathlib.Path(options.compare) / "report.json")
        sys.stdout.write(report.compare(other).table() + "\n")
    return 0


def _export(options):
    from kerasgen.recipe import load_run
    from kerasgen.serve import export

    found = load_run(options.run)
    path = export(found.model, found.data, options.folder, report=found.report)
    if not options.quiet:
        sys.stdout.write(f"{path}\n")
    return 0


def _doctor(options):
    from kerasgen.doctor import doctor

    lines, well = doctor()
    if not options.quiet:
        sys.stdout.write("\n".join(lines) + "\n")
    return 0 if well else 1


def _list(options):
    import kerasgen  # noqa: F401 — the import registers the parts
    from kerasgen.catalog import catalog

    sys.stdout.write(catalog(options.kind, options.arguments, options.markdown))
    return 0
