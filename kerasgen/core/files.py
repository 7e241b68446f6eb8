"""Write to a temporary name, then rename: a killed run leaves no half file."""

import contextlib
import os
import pathlib
import shutil
import uuid


@contextlib.contextmanager
def atomic_write(path, mode="w"):
    """Opens a file that appears under its name only when it is complete.

    Args:
        path: path of the file; its folder is made.
        mode: str, "w" for text in UTF-8 or "wb" for bytes.

    Yields:
        The open file.

    Example:
        >>> import tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "a.txt")
        >>> with atomic_write(path) as file:
        ...     _ = file.write("done")
        >>> path.read_text()
        'done'
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    encoding = None if "b" in mode else "utf-8"
    try:
        with open(temporary, mode, encoding=encoding) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_folder(path):
    """Fills a folder that appears under its name only when it is complete.

    Args:
        path: path of the folder, which must not exist.

    Yields:
        pathlib.Path of the temporary folder to fill.

    Raises:
        FileExistsError: where the folder exists when it is to be renamed.

    Example:
        >>> import tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "1")
        >>> with atomic_folder(path) as folder:
        ...     _ = (folder / "a.txt").write_text("done")
        >>> (path / "a.txt").read_text()
        'done'
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    temporary.mkdir()
    try:
        yield temporary
        if path.exists():
            raise FileExistsError(str(path))
        os.replace(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
