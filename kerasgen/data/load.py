"""load: any source -> Data."""

import collections.abc
import pathlib

import numpy as np

from kerasgen.core import Int, instance, message, one_of, say
from kerasgen.data.data import assemble
from kerasgen.data.examples import Examples
from kerasgen.data.fetch import stamp
from kerasgen.data.form import form
from kerasgen.data.read import read
from kerasgen.data.splits import NAMES, cut, strata_of
from kerasgen.data.targets import find_target
from kerasgen.data.weights import weigh

# The arguments that tell a reader what to read.
OPTIONS = (
    *("kind", "target", "text", "tokens", "tags", "columns", "masks"),
    *("image_size", "channels", "seconds", "sample_rate", "frames"),
    *("features", "cache"),
)


def load(
    source,
    *,
    kind=None,
    target=None,
    task=None,
    group=None,
    domain=None,
    weight=None,
    class_weight=None,
    text=None,
    tokens=None,
    tags=None,
    columns=None,
    masks=None,
    image_size=None,
    channels=None,
    seconds=None,
    sample_rate=None,
    frames=None,
    features=None,
    cache=None,
    tests=None,
    prepare=None,
    split=(0.6, 0.1, 0.1, 0.2),
    seed=0,
    missing="error",
    labels=None,
    name=None,
):
    """Loads data from any source, checks them, and splits them.

    Train, stop, select and test are shuffled and stratified, and share no
    example and no group: early stopping, ranking and the number shown never
    see the same data. Where the source has a test set of its own, that is the
    test split. Class counts are logged. Files are listed and looked at, and
    decoded as they are needed.

    Args:
        source: "digits", "breast_cancer", "wine" or "diabetes" (bundled);
            "tfds:NAME"; path of a .csv, .tsv, .parquet, .jsonl, .npz,
            .tfrecord or CoNLL file (text files also as .gz), or of a folder
            with a folder for each class, of images, sounds (WAV, FLAC), texts
            or videos (files, or folders of frames); pair of paths of two
            line-aligned files; pair `(x, y)` of arrays or lists; mapping with
            `x` and `y`; a table of pandas; a `tf.data.Dataset` of `(x, y)`; a
            prepared builder of TensorFlow Datasets, such as its
            `ImageFolder`.
        kind: "image", "table", "text", "tokens", "audio" or "video", where
            the source doesn't tell; "pairs" for texts whose target is a text:
            the target's words are learnt on train, too, and batches are
            `({"source": x, "target": words before each step}, words)`, all
            of them numbers; "ratings" for lines of user, item, rating and
            maybe time.
        target: str, the column of a file to predict, or int, its place; a
            list of them for several outputs; None takes the last column of a
            table, and of texts the one that is named so.
        task: "classification", "regression", or of ratings "recommendation":
            which item comes next; None finds it out: texts, and up to 20
            different whole numbers, are classes. Or a Task, the name of one
            ("anomaly"), or a mapping of its name and arguments.
        group: str, a column of a file, the key of a CoNLL file's comments, or
            array (n,): equals stay in one split.
        domain: str or array, as `group`, but each split has its share of each:
            where an example comes from, for folds by domain and for numbers
            of subgroups.
        weight: str, a column of a table, or array (n,): the examples' weights.
        class_weight: "balanced", or mapping of class name to weight, which
            multiplies the weights of the train split, as `weigh` tells.
        text: str or int, the column of a .tsv, .csv or .jsonl file that holds
            the texts.
        tokens: int, the column of a CoNLL file's tokens.
        tags: int, the column of a CoNLL file's tags.
        columns: list of str, the names of the columns of a file without a
            header line; for ratings, the places of its columns.
        masks: path of the folder with the masks of a folder of images.
        image_size: pair (height, width) to resize images to.
        channels: 1 or 3, for image files.
        seconds: float, the length that sounds are cut or padded to; None
            takes the longest.
        sample_rate: int, the rate in Hz of sounds in arrays, or the one that
            sound files are resampled to.
        frames: int, how many frames of each video are taken.
        features: mapping of the features of a TFRecord file.
        cache: path of a folder for what is read as a stream and doesn't fit
            in memory; None for a temporary one.
        tests: mapping of name to a source of a further test set; one that is
            named "test" is the test split.
        prepare: what `prepare` should be, as `adapt` takes it; None for the
            kind's standard.
        split: tuple of four shares that add up to 1, of train, stop, select
            and test.
        seed: int >= 0.
        missing: "error", or "impute" to let missing cells through; numbers
            then take the train split's median, and an indicator.
        labels: tuple of str, the names of classes 0, 1, ...
        name: str, instead of the source's.

    Returns:
        Data.

    Raises:
        ValueError: for a source that can't be found or read, a column that
            isn't there, labels out of range, missing or infinite values, or a
            class that some split would lack.
        TypeError: for an argument of the wrong type.

    Example:
        >>> data = load((np.eye(40, dtype="float32"), np.arange(40) % 2))
        >>> {name: len(split) for name, split in data.splits.items()}
        {'train': 24, 'stop': 4, 'select': 4, 'test': 8}
    """
    given = dict(locals())
    one_of("load", "missing", missing, ("error", "impute"))
    instance("load", "seed", seed, int)
    Int(0).check("load", "seed", seed)
    owner = _owner(group, domain)
    options = {name: given[name] for name in OPTIONS}
    for argument, value in (("group", owner), ("weight", weight)):
        options[argument] = value if isinstance(value, str) else None
    raw = read(source, options)
    raw.name, raw.domains = name or raw.name, domain is not None
    for argument, values in (("group", owner), ("weight", weight)):
        if values is not None and getattr(raw, argument) is None:
            setattr(raw, argument, _column(values, raw, argument))
    _read_tests(raw, tests, options)
    found, asked, names = find_target(raw, task, labels)
    schema = form(raw, asked, names, missing)
    splits = _split(raw, split, seed, asked)
    if asked == "class" and hasattr(found, "classes"):
        _check_counts(raw, found, splits, tests or ())
    plan = raw.prepare if prepare is None else prepare
    data = assemble(raw.name, found, schema, splits, seed, raw.skipped, plan)
    return data if class_weight is None else weigh(data, class_weight)


def _owner(group, domain):
    if domain is not None and group is not None:
        raise ValueError(
            message(
                "load",
                "`group` and `domain` exclude each other",
                {
                    "group": type(group).__name__,
                    "domain": type(domain).__name__,
                },
            )
        )
    return group if domain is None else domain


def _read_tests(raw, tests, options):
    """Reads the named test sets as the train set was read."""
    if tests is None:
        return
    instance("load", "tests", tests, collections.abc.Mapping)
    for name, source in tests.items():
        if name in NAMES[:3]:
            raise ValueError(
                message(
                    "load",
                    f"a test set must not be named {name!r}",
                    {"tests": list(tests)},
                )
            )
        part = read(source, _like(raw, source, options), raw)
        if part.test is not None:
            # A source with a test set of its own: that is what is meant.
            part = part.test
        if name == "test":
            raw.test = None
        raw.tests[name] = part
        raw.skipped.extend(part.skipped)


def _like(raw, source, options):
    """The arguments that make another source look as the train set does."""
    options = dict(options)
    named = isinstance(source, (str, pathlib.Path))
    if not named and raw.kind is not None and options["kind"] is None:
        options["kind"] = raw.kind
    folder = named and pathlib.Path(source).is_dir()
    if raw.files and folder:
        options["kind"] = options["kind"] or raw.kind
        if raw.kind in ("image", "video"):
            options["image_size"] = raw.size[-3:-1]
            options["channels"] = raw.size[-1]
        if raw.kind == "video":
            options["frames"] = raw.size[0]
    if raw.kind == "audio" and (folder or not named):
        samples = raw.size[0] if raw.files else raw.x.shape[1]
        options["sample_rate"] = options["sample_rate"] or raw.rate
        options["seconds"] = samples / raw.rate
    if options["masks"] is not None and isinstance(source, (tuple, list)):
        options["masks"] = None
    return options


def _column(values, raw, argument):
    values = np.asarray(values)
    if values.ndim != 1:
        raise ValueError(
            message(
                "load",
                f"`{argument}` must be an array (n,), or name a column of a "
                "CSV file or of a mapping",
                {argument: values.shape if values.ndim else values.tolist()},
            )
        )
    if len(values) != raw.count:
        raise ValueError(
            message(
                "load",
                f"`{argument}` must have one value for each example",
                {argument: len(values), "examples": raw.count},
            )
        )
    return values


def _examples(raw, start=0):
    group, weight = raw.group, raw.weight
    if weight is not None:
        weight = np.asarray(weight, "float32")
        if not np.isfinite(weight).all() or (weight < 0).any():
            raise ValueError(
                message(
                    "load",
                    "weights must be finite and not negative",
                    {"min": weight.min(), "max": weight.max()},
                )
            )
    return Examples(
        raw.x,
        raw.y,
        np.arange(start, start + raw.count, dtype="int64"),
        None if group is None else np.asarray(group).astype(str),
        weight,
        raw.files,
        stamp(raw.x) if raw.files else None,
    )


def _split(raw, shares, seed, target):
    whole = _examples(raw)
    strata = np.zeros(raw.count)
    if raw.y is not None:
        strata = strata_of(raw.y, target)
    tests = {name: part for name, part in raw.parts.items() if name}
    if "test" in tests:
        first = np.asarray(shares[:3], "float64")
        shares, names = tuple(first / first.sum()), NAMES[:3]
    else:
        names = NAMES
    kept = None if raw.domains else whole.group
    parts = cut(strata, shares, seed, kept, names=names)
    splits = {name: whole.take(part) for name, part in parts.items()}
    start = raw.count
    for name in sorted(tests, key=lambda each: each != "test"):
        splits[name] = _examples(tests[name], start)
        start += tests[name].count
    return splits


def _check_counts(raw, task, splits, named):
    width = max(map(len, task.labels))
    say(
        "%s: %s",
        raw.name,
        ", ".join(f"{k} {len(v)}" for k, v in splits.items()),
    )
    counts = {
        name: np.bincount(part.y, minlength=task.classes)
        for name, part in splits.items()
    }
    for index, label in enumerate(task.labels):
        row = "  ".join(
            f"{name} {count[index]}" for name, count in counts.items()
        )
        say("  %s  %s", label.ljust(width), row)
    for name, count in counts.items():
        empty = [task.labels[i] for i in np.flatnonzero(count == 0)]
        if not empty:
            continue
        total = int(
            sum(counts[part][task.labels.index(empty[0])] for part in counts)
        )
        loose = raw.group is not None and not raw.domains
        if name not in named and (not loose or name == "train"):
            raise ValueError(
                message(
                    "load",
                    f"each class must have examples in split {name!r}",
                    {"without": empty, f"all of {empty[0]!r}": total},
                    "Add examples, merge classes, or change `split`.",
                )
            )
        say("Split %s has no example of %s.", name, ", ".join(empty))
