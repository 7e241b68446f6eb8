"""What to try next: KerasTuner's oracles, led back to where they stood."""

import shutil
import tempfile
import warnings
import weakref

import keras_tuner

from kerasgen.core import child_seed, message
from kerasgen.tune.space import hyperparameters

SEARCHES = ("random", "bayesian", "hyperband", "grid")


class Oracle:
    """Suggests values, one trial after the other.

    An oracle is a function of its seed and of the scores that it was told, so
    a resumed search tells a new one the recorded scores in their order. No
    state of KerasTuner's own has to survive a kill.

    Args:
        space: mapping of dotted name to range.
        search: "random", "bayesian", "hyperband" or "grid".
        better: "higher" or "lower".
        trials: int, the most trials.
        epochs: int, the most epochs of a trial, which hyperband divides.
        seed: int.

    Example:
        >>> from kerasgen.core import Choice
        >>> space = {"size": Choice((1, 2), search=(1, 2))}
        >>> oracle = Oracle(space, "grid", "higher", 2, 1, 0)
        >>> oracle.suggest()
        {'size': 1}
    """

    def __init__(self, space, search, better, trials, epochs, seed):
        self._names = list(space)
        direction = "max" if better == "higher" else "min"
        common = {
            "objective": keras_tuner.Objective("score", direction),
            "hyperparameters": hyperparameters(space),
            "seed": 1 + child_seed(seed, "search"),
            "tune_new_entries": False,
            "max_consecutive_failed_trials": 10**9,
        }
        oracles = keras_tuner.oracles
        if search == "hyperband":
            made = oracles.HyperbandOracle(max_epochs=epochs, **common)
        elif search == "bayesian":
            made = oracles.BayesianOptimizationOracle(
                max_trials=trials, **common
            )
        elif search == "grid":
            made = oracles.GridSearchOracle(max_trials=trials, **common)
        else:
            made = oracles.RandomSearchOracle(max_trials=trials, **common)
        made.verbose = 0
        # It insists on files; ours is the ledger.
        files = tempfile.mkdtemp(prefix="kerasgen-oracle-")
        weakref.finalize(self, shutil.rmtree, files, ignore_errors=True)
        made._set_project_dir(files, "oracle")
        self._oracle = made
        self._trial = None

    def suggest(self):
        """Gives the next values to try.

        Returns:
            dict of dotted name to value, with `epochs` under hyperband, or
            None where the space is exhausted.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trial = self._oracle.create_trial("kerasgen")
        if trial.status != "RUNNING":
            return None
        self._trial = trial
        values = trial.hyperparameters.values
        found = {name: values[name] for name in self._names}
        if "tuner/epochs" in values:
            found["epochs"] = int(values["tuner/epochs"])
        return found

    def tell(self, score):
        """Reports the score of the values suggested last.

        Args:
            score: float, or None where the trial failed.
        """
        trial, self._trial = self._trial, None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if score is not None:
                self._oracle.update_trial(trial.trial_id, {"score": score})
            trial.status = "INVALID" if score is None else "COMPLETED"
            trial.message = "failed" if score is None else None
            self._oracle.end_trial(trial)

    def replay(self, values, score):
        """Leads the oracle through a recorded trial.

        Args:
            values: dict that `suggest` gave then.
            score: float or None, as told then.

        Raises:
            RuntimeError: where it suggests something else now.
        """
        found = self.suggest()
        if found != values:
            raise RuntimeError(
                message(
                    "tune",
                    "the search must suggest what it did before",
                    {"before": values, "now": found},
                    "KerasTuner has changed: begin in another folder.",
                )
            )
        self.tell(score)
