"""The final order of a search whose trials vote on the target."""

import math
import pathlib

from kerasgen.evaluate.choose import compare
from kerasgen.evaluate.evidence import Evidence


def settle(records, folder):
    """Scores all trials of a search together.

    A search by "consensus" is led by each trial's own `trust`; at its end,
    the trials that didn't fail are scored by what they agree on, too.

    Args:
        records: list of dict, as the ledger holds them.
        folder: path of the search; each trial's evidence lies in its folder.

    Returns:
        Pair of the records with their final scores, and a list of dict, what
        `kerasgen.evaluate.choose.compare` told of each, with its `trial`.

    Example:
        >>> settle([{"trial": 0, "score": None}], ".")
        ([{'trial': 0, 'score': None}], [])
    """
    places = {
        record["trial"]: pathlib.Path(folder)
        / "trials"
        / f"{record['trial']:03d}"
        / "evidence.npz"
        for record in records
        if record["score"] is not None and math.isfinite(record["score"])
    }
    if not places:
        return list(records), []
    table = compare([Evidence.load(path) for path in places.values()])
    told = {
        trial: {"trial": trial, **row}
        for trial, row in zip(places, table, strict=True)
    }
    settled = [
        {**record, "score": told[record["trial"]]["score"]}
        if record["trial"] in told
        else record
        for record in records
    ]
    return settled, list(told.values())
