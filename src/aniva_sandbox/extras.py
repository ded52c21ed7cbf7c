"""What the extras of the distribution bring along."""

from importlib.metadata import PackageNotFoundError, requires

__all__ = ["how_to_install"]


def how_to_install(extra: str) -> str:
    """The command that installs what an extra asks for; the sandbox itself is in no registry to name."""
    try:
        asked = [line.partition(";") for line in requires("aniva-sandbox") or ()]
    except PackageNotFoundError:  # it runs from a folder
        asked = []
    wanted = [
        f"'{what.strip()}'" for what, _, when in asked if when.strip() in (f"extra == '{extra}'", f'extra == "{extra}"')
    ]
    return " ".join(["pip install", *(wanted or [f"'.[{extra}]' in a clone of the sandbox"])])
