"""The results of a search: ranking, CSV and learning curves."""

import csv

from kerasgen.core import atomic_write
from kerasgen.evaluate import curves

_LAST = ("epochs", "seconds", "error")


def rank(records, better):
    """Orders trials, best first.

    Equal scores are ordered by the loss on the select split, then by age;
    trials that were cut short come behind the finished ones, failed ones
    last.

    Args:
        records: list of dict, as the ledger holds them.
        better: "higher" or "lower".

    Returns:
        list of the same dicts.

    Example:
        >>> done = {"status": "done", "select": {}}
        >>> found = rank([{**done, "trial": 0, "score": 0.1},
        ...               {**done, "trial": 1, "score": 0.9}], "higher")
        >>> found[0]["trial"]
        1
    """
    sign = -1.0 if better == "higher" else 1.0
    order = {"done": 0, "cut": 1, "failed": 2}

    def key(record):
        score = record["score"]
        loss = record["select"].get("loss", 0.0)
        worst = float("inf")
        score = worst if score is None else sign * score
        return (order[record["status"]], score, loss, record["trial"])

    return sorted(records, key=key)


def rows(ranked, objective):
    """Writes ranked trials as flat rows.

    Args:
        ranked: list of dict, from `rank`.
        objective: str, the number that ranked them.

    Returns:
        list of dict; the same columns in each.

    Example:
        >>> rows([], "accuracy")
        []
    """
    names = sorted({name for record in ranked for name in record["values"]})
    found = []
    for place, record in enumerate(ranked, 1):
        row = {
            "rank": place,
            "trial": record["trial"],
            "status": record["status"],
        }
        row[f"select/{objective}"] = record["score"]
        loss = record["select"].get("loss")
        row["select/loss"] = loss
        row.update({name: record["values"].get(name) for name in names})
        row.update({name: record[name] for name in _LAST})
        found.append(row)
    return found


def write(folder, ranked, objective):
    """Writes `results.csv` and `curves.svg`.

    Args:
        folder: pathlib.Path of the search.
        ranked: list of dict, from `rank`.
        objective: str, the number that ranked them.

    Returns:
        list of dict, the rows of the CSV file.
    """
    table = rows(ranked, objective)
    with atomic_write(folder / "results.csv") as file:
        if table:
            writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
    histories = {
        f"trial {record['trial']}": record["history"]
        for record in ranked
        if record["history"]
    }
    with atomic_write(folder / "curves.svg") as file:
        file.write(curves(histories, "val_loss"))
    return table


def leaderboard(table, objective, top=5):
    """Writes the best trials as text for a terminal.

    Args:
        table: list of dict, from `rows`.
        objective: str, the number that ranked them.
        top: int, how many to show.

    Returns:
        str, one line for each trial.

    Example:
        >>> leaderboard([], "accuracy")
        'rank  trial  select/accuracy'
    """
    lines = [f"rank  trial  select/{objective}"]
    fixed = {
        "rank",
        "trial",
        "status",
        f"select/{objective}",
        "select/loss",
        *_LAST,
    }
    for row in table[:top]:
        score = row[f"select/{objective}"]
        shown = row["status"] if score is None else f"{score:.4f}"
        values = ", ".join(
            f"{name}={value:.3g}"
            if isinstance(value, float)
            else f"{name}={value}"
            for name, value in row.items()
            if name not in fixed and value is not None
        )
        lines.append(
            f"{row['rank']:4d}  {row['trial']:5d}  {shown:>8s}  {values}"
        )
    return "\n".join(lines)
