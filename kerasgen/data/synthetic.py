"""Small seeded data for tests and tries."""

import numpy as np

from kerasgen.core import child_seed


def images(n=200, classes=3, shape=(8, 8, 1), seed=0):
    """Draws images whose class is the place of a bright bar.

    Args:
        n: int, the number of images.
        classes: int, at most the width.
        shape: tuple (height, width, channels).
        seed: int.

    Returns:
        uint8 array (n, *shape) and int64 array (n,).

    Example:
        >>> x, y = images(6, classes=2)
        >>> x.shape, y.tolist()
        ((6, 8, 8, 1), [0, 1, 0, 1, 0, 1])
    """
    random = np.random.default_rng(child_seed(seed, "images"))
    y = np.arange(n) % classes
    x = random.integers(0, 120, (n, *shape))
    for index, label in enumerate(y):
        start = label * shape[1] // classes
        x[index, :, start : start + max(1, shape[1] // (2 * classes))] += 120
    return x.astype("uint8"), y.astype("int64")


def table(n=200, classes=3, numbers=4, categories=1, missing=0.0, seed=0):
    """Draws rows of numbers and categories that tell the class.

    Args:
        n: int, the number of rows.
        classes: int; 0 for a target that is a number.
        numbers: int, the columns of numbers.
        categories: int, the columns of categories.
        missing: float in [0, 1), the share of cells that are missing.
        seed: int.

    Returns:
        dict of column name to array (n,), and the labels (n,).

    Example:
        >>> x, y = table(4, classes=2, numbers=1)
        >>> sorted(x), y.tolist()
        (['category_0', 'number_0'], [0, 1, 0, 1])
    """
    random = np.random.default_rng(child_seed(seed, "table"))
    y = np.arange(n) % classes if classes else random.normal(size=n)
    x = {}
    for index in range(numbers):
        values = (y + random.normal(0.0, 0.5, n)).astype("float32")
        values[random.random(n) < missing] = np.nan
        x[f"number_{index}"] = values
    for index in range(categories):
        code = np.clip(np.round(y + random.normal(0.0, 0.3, n)), 0, 5).astype(
            int
        )
        values = np.array(list("abcdef"), dtype=object)[code]
        values[random.random(n) < missing] = ""
        x[f"category_{index}"] = values
    return x, y.astype("int64") if classes else y.astype("float32")


def masks(n=60, classes=2, shape=(16, 16, 3), seed=0):
    """Draws images with a bright block, and the masks that show it.

    Args:
        n: int, the number of images.
        classes: int >= 2; a block's class is its brightness, and 0 the ground.
        shape: tuple (height, width, channels).
        seed: int.

    Returns:
        uint8 array (n, *shape), and uint8 array (n, height, width).

    Example:
        >>> x, y = masks(4)
        >>> x.shape, y.shape, int(y.max())
        ((4, 16, 16, 3), (4, 16, 16), 1)
    """
    random = np.random.default_rng(child_seed(seed, "masks"))
    height, width = shape[:2]
    x = random.integers(0, 60, (n, *shape))
    y = np.zeros((n, height, width), "uint8")
    for index in range(n):
        tall, wide = random.integers((height // 4, width // 4), (height, width))
        top = random.integers(0, height - tall + 1)
        left = random.integers(0, width - wide + 1)
        label = 1 + index % (classes - 1)
        y[index, top : top + tall, left : left + wide] = label
    x = x + y[..., None] * (180 // (classes - 1))
    return x.astype("uint8"), y


def videos(n=40, classes=2, shape=(6, 8, 8, 1), seed=0):
    """Draws clips of a bright bar whose class is the way it moves.

    Args:
        n: int, the number of clips.
        classes: int, at most 4: right, left, down, up.
        shape: tuple (frames, height, width, channels).
        seed: int.

    Returns:
        uint8 array (n, *shape) and int64 array (n,).

    Example:
        >>> x, y = videos(4)
        >>> x.shape, y.tolist()
        ((4, 6, 8, 8, 1), [0, 1, 0, 1])
    """
    random = np.random.default_rng(child_seed(seed, "videos"))
    y = np.arange(n) % classes
    x = random.integers(0, 100, (n, *shape))
    for index, label in enumerate(y):
        size = shape[2] if label < 2 else shape[1]
        start = random.integers(size)
        for frame in range(shape[0]):
            place = (start + (frame if label % 2 == 0 else -frame)) % size
            part = x[index, frame]
            (part[:, place] if label < 2 else part[place])[...] += 150
    return x.astype("uint8"), y.astype("int64")


def sounds(n=60, classes=3, samples=2000, rate=8000, noise=0.05, seed=0):
    """Draws tones whose class is their pitch: 300 Hz, 600 Hz, 900 Hz, ...

    Args:
        n: int, the number of sounds.
        classes: int; 300 Hz times it must be less than half the rate.
        samples: int, the length.
        rate: int, samples in a second.
        noise: float >= 0, the spread of white noise.
        seed: int.

    Returns:
        float32 array (n, samples) in [-1, 1], and int64 array (n,).

    Example:
        >>> x, y = sounds(3, samples=100)
        >>> x.shape, y.tolist()
        ((3, 100), [0, 1, 2])
    """
    random = np.random.default_rng(child_seed(seed, "sounds"))
    y = np.arange(n) % classes
    time = np.arange(samples) / rate
    phase = random.uniform(0, 2 * np.pi, (n, 1))
    loud = random.uniform(0.3, 0.7, (n, 1))
    x = loud * np.sin(2 * np.pi * 300 * (y[:, None] + 1) * time + phase)
    x += random.normal(0, noise, x.shape)
    return np.clip(x, -1, 1).astype("float32"), y.astype("int64")


def texts(n=120, classes=2, words=8, seed=0):
    """Draws sentences in which a word of its class stands among others.

    Args:
        n: int, the number of texts.
        classes: int, at most 4.
        words: int, the words of each.
        seed: int.

    Returns:
        array (n,) of str, and int64 array (n,).

    Example:
        >>> x, y = texts(2, words=4)
        >>> len(x[0].split()), y.tolist()
        (4, [0, 1])
    """
    random = np.random.default_rng(child_seed(seed, "texts"))
    y = np.arange(n) % classes
    found = []
    for label in y:
        sentence = random.choice(_WORDS, words)
        sentence[random.integers(words)] = random.choice(_TELLING[label])
        found.append(" ".join(sentence))
    return np.array(found, dtype=object), y.astype("int64")


def tokens(n=80, longest=9, seed=0):
    """Draws sentences with names in them, and tags that mark the names.

    Args:
        n: int, the number of sentences.
        longest: int >= 3, the most tokens.
        seed: int.

    Returns:
        list of lists of str, and list of lists of tags: "O", "B-PER",
        "I-PER" and "B-LOC".

    Example:
        >>> x, y = tokens(3)
        >>> [len(a) == len(b) for a, b in zip(x, y)]
        [True, True, True]
    """
    random = np.random.default_rng(child_seed(seed, "tokens"))
    found, marks = [], []
    for index in range(n):
        count = int(random.integers(3, longest + 1))
        words = [str(word) for word in random.choice(_WORDS, count)]
        tags = ["O"] * count
        place = int(random.integers(count - 1))
        if index % 2:
            words[place] = str(random.choice(_PLACES))
            tags[place] = "B-LOC"
        else:
            words[place] = str(random.choice(_NAMES))
            words[place + 1] = str(random.choice(_FAMILIES))
            tags[place : place + 2] = ["B-PER", "I-PER"]
        found.append(words)
        marks.append(tags)
    return found, marks


def pairs(n=120, longest=6, seed=0):
    """Draws sentences, and their words in reverse in another spelling.

    Args:
        n: int, the number of pairs.
        longest: int >= 2, the most words.
        seed: int.

    Returns:
        array (n,) of str, and array (n,) of str.

    Example:
        >>> x, y = pairs(1)
        >>> y[0].lower().split() == x[0].split()[::-1]
        True
    """
    random = np.random.default_rng(child_seed(seed, "pairs"))
    x, y = [], []
    for _ in range(n):
        words = random.choice(_WORDS, int(random.integers(2, longest + 1)))
        x.append(" ".join(words))
        y.append(" ".join(word.upper() for word in words[::-1]))
    return np.array(x, dtype=object), np.array(y, dtype=object)


def ratings(n=400, users=20, items=15, seed=0):
    """Draws ratings from 1 to 5 of users and items with tastes of rank two.

    Args:
        n: int, the number of ratings.
        users: int.
        items: int.
        seed: int.

    Returns:
        dict of the columns `user` and `item` to array (n,) of str, and
        float32 array (n,).

    Example:
        >>> x, y = ratings(5)
        >>> sorted(x), bool((y >= 1).all() and (y <= 5).all())
        (['item', 'user'], True)
    """
    random = np.random.default_rng(child_seed(seed, "ratings"))
    user, item = random.integers(users, size=n), random.integers(items, size=n)
    taste = random.normal(size=(users, 2)), random.normal(size=(items, 2))
    score = 3 + (taste[0][user] * taste[1][item]).sum(1)
    y = np.clip(np.round(score + random.normal(0, 0.3, n)), 1, 5)
    x = {"user": user, "item": item}
    x = {
        name: np.array([f"{name[0]}{value}" for value in values], dtype=object)
        for name, values in x.items()
    }
    return x, y.astype("float32")


_WORDS = "the a grey cat dog sees some river near old house and runs".split()
_TELLING = (
    ("bad", "awful", "poor"),
    ("good", "great", "fine"),
    ("red", "blue", "green"),
    ("one", "two", "three"),
)
_NAMES = ("Anna", "Boris", "Chen", "Dana")
_FAMILIES = ("Abel", "Brandt", "Costa")
_PLACES = ("Oslo", "Lima", "Kyoto")
