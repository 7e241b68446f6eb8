"""Rows: an array that stays on the disk until some of it is asked for."""

import pathlib
import shutil
import tempfile
import weakref

import numpy as np

from kerasgen.core import message

# Examples up to this many bytes stay in memory.
FITS = 2**28


class Rows:
    """Some rows of an array on the disk, in an order of their own.

    Args:
        base: numpy.memmap or another array (n, ...) that is read by row.
        places: int64 array of the rows, or None for all.

    Example:
        >>> rows = Rows(np.arange(6).reshape(3, 2))[np.array([2, 0])]
        >>> rows.shape, np.asarray(rows).tolist()
        ((2, 2), [[4, 5], [0, 1]])
    """

    def __init__(self, base, places=None):
        self.base = base
        self.places = (
            np.arange(len(base), dtype="int64") if places is None else places
        )

    @property
    def dtype(self):
        """numpy.dtype of the values."""
        return self.base.dtype

    @property
    def shape(self):
        """tuple, the rows and the shape of each."""
        return (len(self.places), *self.base.shape[1:])

    @property
    def ndim(self):
        """int, the number of axes."""
        return self.base.ndim

    @property
    def nbytes(self):
        """int, the bytes that all rows would take in memory."""
        return int(np.prod(self.shape)) * self.dtype.itemsize

    def __len__(self):
        return len(self.places)

    def __getitem__(self, key):
        """Picks rows: one by an int is read, several stay on the disk."""
        if isinstance(key, (int, np.integer)):
            return np.array(self.base[self.places[key]])
        return Rows(self.base, self.places[key])

    def read(self, places):
        """Reads rows into memory.

        Args:
            places: int array.

        Returns:
            array (len(places), ...).
        """
        return np.array(self.base[self.places[np.asarray(places)]])

    def __array__(self, dtype=None, copy=None):
        found = self.read(np.arange(len(self)))
        return found if dtype is None else found.astype(dtype)


class Spool:
    """Writes examples one after another: to memory, then to the disk.

    Args:
        limit: int, the bytes that may lie in memory; None takes 256 MiB.
        folder: path of a folder for what is more, or None for a temporary
            one, which goes when nothing uses it any more.

    Example:
        >>> spool = Spool(limit=8)
        >>> for row in np.arange(6.0).reshape(3, 2):
        ...     spool.add(row)
        >>> type(spool.close()).__name__
        'Rows'
    """

    def __init__(self, limit=None, folder=None):
        self.count = 0
        self._limit = FITS if limit is None else limit
        self._folder = folder
        self._rows = []
        self._bytes = 0
        self._ends = []
        self._file = None
        self._form = None

    def add(self, row):
        """Adds one example.

        Args:
            row: array of the shape and dtype of the first, or a str.

        Raises:
            ValueError: for another shape or dtype.
        """
        row = row if isinstance(row, str) else np.asarray(row)
        form = (str, ()) if isinstance(row, str) else (row.dtype, row.shape)
        self._form = self._form or form
        if form != self._form:
            raise ValueError(
                message(
                    "load",
                    f"all examples must have the shape {self._form[1]} and the "
                    f"dtype {self._form[0]} of the first",
                    {"example": self.count, "shape": form[1], "dtype": form[0]},
                    "Pass image_size=(HEIGHT, WIDTH) for images, or seconds= "
                    "for sounds.",
                )
            )
        self.count += 1
        if self._file is not None:
            self._write(row)
            return
        self._rows.append(row)
        self._bytes += len(row) + 64 if isinstance(row, str) else row.nbytes
        if self._bytes > self._limit:
            self._open()

    def _write(self, row):
        if isinstance(row, str):
            self._bytes = self._file.tell() + self._file.write(row.encode())
            self._ends.append(self._bytes)
        else:
            self._file.write(row.tobytes())

    def _open(self):
        parent = self._folder
        if parent is not None:
            pathlib.Path(parent).mkdir(parents=True, exist_ok=True)
        self._place = pathlib.Path(
            tempfile.mkdtemp(prefix="kerasgen-", dir=parent)
        )
        # Closed by `close`, after many calls of `add`.
        self._file = open(self._place / "rows.bin", "wb")
        for row in self._rows:
            self._write(row)
        self._rows = []

    def close(self):
        """Ends the writing.

        Returns:
            array (n, ...), or Rows of a memory-mapped file.
        """
        if self._form is None:
            return np.empty((0,), "float32")
        kind, shape = self._form
        if self._file is None:
            return np.array(self._rows, object if kind is str else kind)
        self._file.close()
        path = self._place / "rows.bin"
        if kind is str:
            blob = np.memmap(path, "uint8", "r")
            base = Texts(blob, np.array(self._ends, "int64"))
        else:
            base = np.memmap(path, kind, "r", shape=(self.count, *shape))
        if self._folder is None:
            weakref.finalize(base, shutil.rmtree, self._place, True)
        return Rows(base)


class Texts:
    """Texts one after another in a file, read by their places.

    Args:
        blob: uint8 array, all texts in UTF-8.
        ends: int64 array (n,), where each ends.

    Example:
        >>> texts = Texts(np.frombuffer(b"abc", "uint8"), np.array([1, 3]))
        >>> texts[np.array([1, 0])].tolist()
        ['bc', 'a']
    """

    dtype = np.dtype(object)
    ndim = 1

    def __init__(self, blob, ends):
        self.blob = blob
        self.ends = ends

    @property
    def shape(self):
        """tuple, the number of texts."""
        return (len(self.ends),)

    def __len__(self):
        return len(self.ends)

    def __getitem__(self, key):
        if isinstance(key, (int, np.integer)):
            return self._one(int(key))
        return np.array([self._one(int(i)) for i in key], dtype=object)

    def _one(self, index):
        start = self.ends[index - 1] if index else 0
        return self.blob[start : self.ends[index]].tobytes().decode("utf-8")
