"""Report: what the probes found, as data first."""

import json
import math
import pathlib

from kerasgen.core import atomic_write, instance, message, nearest
from kerasgen.evaluate.compare import differences
from kerasgen.evaluate.html import page
from kerasgen.evaluate.row import Row
from kerasgen.evaluate.tensorboard import write_events
from kerasgen.evaluate.terminal import text

FORMAT = 1


class Report:
    """Rows, and what they rest on.

    `report.json` is the truth; the page, the TensorBoard events and the table
    are made from it alone.

    Args:
        rows: list of Row.
        context: dict: recipe, seeds, versions, device, selection, data,
            fingerprint of the test examples, history, trials.
        tables: dict of name to what the figures need.
        examples: dict of a row's name to one number per test example.

    Raises:
        TypeError: for rows that are no Row.
        ValueError: for two rows of one name.

    Example:
        >>> row = Row("clean", "accuracy", 0.9, 0.8, 0.95, 100, "share")
        >>> report = Report([row], {"name": "digits"})
        >>> report.value("clean/accuracy")
        0.9
    """

    def __init__(self, rows, context=None, tables=None, examples=None):
        self.rows = tuple(rows)
        self.context = plain(dict(context or {}))
        self.tables = plain(dict(tables or {}))
        self.examples = plain(dict(examples or {}))
        seen = set()
        for row in self.rows:
            instance("Report", "rows", row, Row)
            if row.name in seen:
                raise ValueError(
                    message(
                        "Report",
                        "each row must have a name of its own",
                        {"row": row.name},
                    )
                )
            seen.add(row.name)

    def row(self, key, **where):
        """Finds one row.

        Args:
            key: str, probe and metric, as in "clean/accuracy".
            **where: the slice, or a part of it that is enough.

        Returns:
            Row.

        Raises:
            KeyError: where no row or several rows fit; names the nearest key
                or the slices there are.
        """
        found = [row for row in self.rows if row.key == key]
        if not found:
            near = nearest(key, {row.key for row in self.rows})
            remedy = f"Did you mean {near!r}?" if near else None
            raise KeyError(
                message("Report", "no row has this key", {"key": key}, remedy)
            )
        same = [row for row in found if row.slice == where]
        part = [row for row in found if where.items() <= row.slice.items()]
        fit = same or part
        if len(fit) != 1:
            slices = [row.slice for row in fit or found]
            raise KeyError(
                message(
                    "Report",
                    f"`{key}` has {len(fit)} rows for this slice",
                    {"slice": where, "known": slices[:12]},
                )
            )
        return fit[0]

    def value(self, key, **where):
        """Finds one number.

        Args:
            key: str, probe and metric, as in "clean/accuracy".
            **where: the slice, or a part of it that is enough.

        Returns:
            float, or None where there is no such row, or no value in it.
        """
        try:
            return self.row(key, **where).value
        except KeyError:
            return None

    @property
    def headline(self):
        """The first row that has a value, or None."""
        return next((row for row in self.rows if row.value is not None), None)

    def table(self):
        """Writes the report for a terminal, the worst corruption first."""
        return text(self)

    def compare(self, other, seed=0):
        """Subtracts another report on the same examples from this one.

        Args:
            other: Report.
            seed: int >= 0, decides the bootstrap's draws.

        Returns:
            Report whose rows are differences, this minus the other, with
            intervals paired by example; `tables["tests"]` holds McNemar's
            exact p-values.

        Raises:
            ValueError: where the test examples aren't the same.
            TypeError: for what is no report.
        """
        instance("Report.compare", "other", other, Report)
        rows, tests = differences(self, other, seed)
        names = [each.context.get("name") for each in (self, other)]
        context = {
            "comparison": names,
            "fingerprint": self.context.get("fingerprint"),
        }
        return Report(rows, context, {"tests": tests})

    def save(self, path):
        """Writes the report, each file whole or not at all.

        Args:
            path: path that ends in ".json" or ".html", or a folder, which
                gets `report.json` and `report.html`.

        Returns:
            pathlib.Path, the same.

        Raises:
            ValueError: for another ending.
        """
        path = pathlib.Path(path)
        if path.suffix == ".json":
            with atomic_write(path) as file:
                json.dump(self.to_dict(), file, allow_nan=False)
        elif path.suffix == ".html":
            with atomic_write(path) as file:
                file.write(page(self))
        elif path.is_dir() or not path.suffix:
            self.save(path / "report.json")
            self.save(path / "report.html")
        else:
            raise ValueError(
                message(
                    "Report.save",
                    "`path` must end in .json or .html, or be a folder",
                    {"path": str(path)},
                )
            )
        return path

    @classmethod
    def load(cls, path):
        """Reads a report.

        Args:
            path: path of a `report.json`, or of the folder that holds it.

        Returns:
            Report.

        Raises:
            FileNotFoundError: where there is no such file.
            ValueError: for a file that is no report.
        """
        path = pathlib.Path(path)
        path = path / "report.json" if path.is_dir() else path
        if not path.is_file():
            raise FileNotFoundError(
                message(
                    "Report.load",
                    "`path` must name a report.json or its folder",
                    {"path": str(path)},
                )
            )
        try:
            return cls.from_dict(json.loads(path.read_text("utf-8")))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                message(
                    "Report.load",
                    f"the file must be a report that `save` wrote ({error})",
                    {"path": str(path)},
                )
            ) from error

    def tensorboard(self, folder):
        """Writes rows, curves and hyperparameters as TensorBoard events.

        Args:
            folder: path of the log folder.

        Returns:
            pathlib.Path, the same.
        """
        return write_events(self, folder)

    def to_dict(self):
        """Gives the report as JSON can hold it."""
        return {
            "format": FORMAT,
            "rows": [row.to_dict() for row in self.rows],
            "context": self.context,
            "tables": self.tables,
            "examples": self.examples,
        }

    @classmethod
    def from_dict(cls, values):
        """Makes the report from what `to_dict` gave."""
        found = values.get("format") if isinstance(values, dict) else None
        if found != FORMAT:
            raise ValueError(
                message(
                    "Report",
                    f"the format must be {FORMAT}",
                    {"format": found},
                )
            )
        rows = [Row.from_dict(row) for row in values["rows"]]
        return cls(
            rows, values["context"], values["tables"], values["examples"]
        )

    def __repr__(self):
        return f"Report({len(self.rows)} rows)\n{self.table()}"


def plain(value):
    """Turns a value into what JSON can hold.

    Args:
        value: numbers, arrays, mappings, sequences, paths, nested.

    Returns:
        The same of dict, list, str, int, float, bool and None; numbers that
        aren't finite become None, what JSON doesn't know becomes text.

    Example:
        >>> plain({"a": (1, float("nan")), 2: pathlib.PurePosixPath("b")})
        {'a': [1, None], '2': 'b'}
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return str(value)
