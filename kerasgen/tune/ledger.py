"""The record of a search: one line of JSON for each finished trial."""

import json
import os
import pathlib

from kerasgen.core import atomic_write


class Ledger:
    """Appends finished trials to a file, and reads them back.

    A line that a kill cut short is dropped when the file is opened.

    Args:
        path: path of the file.

    Example:
        >>> import tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "trials.jsonl")
        >>> Ledger(path).add({"trial": 0})
        >>> Ledger(path).records
        [{'trial': 0}]
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.records = []
        if not self.path.exists():
            return
        text = self.path.read_text("utf-8")
        lines = text.splitlines(keepends=True)
        for line in lines:
            try:
                whole = json.loads(line) if line.endswith("\n") else None
            except json.JSONDecodeError:
                whole = None
            if whole is None:
                break
            self.records.append(whole)
        if len(self.records) < len(lines):
            with atomic_write(self.path) as file:
                file.writelines(lines[: len(self.records)])

    def add(self, record):
        """Appends a finished trial, and waits until the disk has it.

        Args:
            record: dict of JSON values.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        record = json.loads(json.dumps(record))
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.records.append(record)
