"""catalog: the registered parts, as the command line lists them."""

from kerasgen.core import find, one_of, parts, table
from kerasgen.core.registry import KINDS
from kerasgen.testing import subject

SIZES = ("tiny", "small", "base")


def catalog(kind=None, arguments=False, markdown=False):
    """Lists parts by kind; of models also the sizes and their parameters.

    Args:
        kind: str, one kind alone, also in the plural; None lists all, and
            builds no model.
        arguments: bool, whether each part's arguments come with their ranges.
        markdown: bool, whether it is a table of Markdown.

    Returns:
        str, lines of text.

    Raises:
        ValueError: for an unknown kind, with the nearest known one.

    Example:
        >>> import kerasgen
        >>> catalog("optimizers").split()
        ['optimizer', 'adam', 'adamw', 'layered_adam', 'sgd']
    """
    kinds = KINDS if kind is None else [_singular(kind)]
    lines = ["| kind | parts |", "|---|---|"] if markdown else []
    for each in kinds:
        found = parts(each)
        if markdown:
            named = ", ".join(f"`{name}`" for name in found)
            lines.append(f"| {each} | {named} |")
            continue
        lines.append(each)
        for name, part in found.items():
            lines.append(f"  {name}")
            if each == "model" and kind is not None:
                lines.append(f"    {parameters(name)}")
            for key, bounds in table(part).items() if arguments else ():
                search = f"  search {bounds.search}" if bounds.search else ""
                lines.append(f"    {key}: {bounds.legal()}{search}")
    return "\n".join(lines) + "\n"


def parameters(name):
    """Counts a factory's parameters by size, on small data.

    Args:
        name: str, the factory's registered name.

    Returns:
        str.

    Raises:
        ValueError: for an unknown name.

    Example:
        >>> import kerasgen
        >>> parameters("tabular_regressor").split(" on ")[1]
        '(6,)'
    """
    factory = find("model", name)
    given = subject(factory).arguments
    counts = [
        f"{size} {factory(*given, size=size).count_params():,}"
        for size in SIZES
    ]
    return f"{', '.join(counts)} parameters on {', '.join(map(str, given))}"


def _singular(kind):
    known = {**{f"{k}s": k for k in KINDS}, "losses": "loss"}
    known |= {k: k for k in KINDS}
    if kind not in known:
        one_of("list", "kind", kind, KINDS)
    return known[kind]
