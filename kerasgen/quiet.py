"""Import TensorFlow without the start-up log that it writes to stderr."""

import importlib
import os
import re
import sys
import tempfile

_LOG_LINE = re.compile(r"^(WARNING: All log messages before absl|[IWE]\d{4} )")
_HINT = ("To enable the following instructions", "You may see slightly")


def import_quietly(name):
    """Imports a module and drops the informational log lines of its start.

    TensorFlow writes to file descriptor 2 from C++, before any Python logging
    can filter it. Everything else that the import says is passed on, and a
    failing import is reported with all that was written.

    Args:
        name: str, the module's full name.

    Returns:
        The imported module.

    Raises:
        ImportError: as the import itself does.

    Example:
        >>> import_quietly("json").__name__
        'json'
    """
    if name in sys.modules:
        return sys.modules[name]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    keep = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        failed = True
        try:
            module = importlib.import_module(name)
            if name == "tensorflow":
                # Looks for devices now, while what it says about a machine
                # without a GPU is not shown; it reserves nothing.
                module.config.list_physical_devices()
            failed = False
        finally:
            sys.stderr.flush()
            os.dup2(keep, 2)
            os.close(keep)
            log.seek(0)
            _replay(log.read().decode("utf-8", "replace"), everything=failed)
    return module


def _replay(text, everything):
    for line in text.splitlines():
        noise = _LOG_LINE.match(line) or any(hint in line for hint in _HINT)
        if everything or (line.strip() and not noise):
            sys.stderr.write(line + "\n")
