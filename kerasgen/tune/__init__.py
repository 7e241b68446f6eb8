"""Tuning by KerasTuner's oracles, with honest numbers."""

from kerasgen.tune.consensus import settle
from kerasgen.tune.ledger import Ledger
from kerasgen.tune.oracle import SEARCHES, Oracle
from kerasgen.tune.space import hyperparameters, search_space
from kerasgen.tune.table import leaderboard, rank, rows, write
from kerasgen.tune.trial import Deadline, explain, run_trial
from kerasgen.tune.tune import parse_budget, tune

__all__ = [
    "SEARCHES",
    "Deadline",
    "Ledger",
    "Oracle",
    "explain",
    "hyperparameters",
    "leaderboard",
    "parse_budget",
    "rank",
    "rows",
    "run_trial",
    "search_space",
    "settle",
    "tune",
    "write",
]
