"""The extras of the distribution."""

from importlib.metadata import PackageNotFoundError, requires

__all__ = ["how_to_install"]


def how_to_install(extra: str) -> str:
    """The command that installs the dependencies of an extra; the sandbox itself is not in a registry."""
    try:
        asked = [line.partition(";") for line in requires("aniva-sandbox") or ()]
    except PackageNotFoundError:  # not installed: it runs from a folder
        asked = []
    wanted = [
        f"'{what.strip()}'" for what, _, when in asked if when.strip() in (f"extra == '{extra}'", f'extra == "{extra}"')
    ]
    return " ".join(["pip install", *(wanted or [f"'.[{extra}]' in a clone of the sandbox"])])
