"""The location of the fixtures and the OpenAPI document."""

from pathlib import Path

__all__ = ["find_file"]

_CHECKOUT = Path(__file__).resolve().parents[2]
_INSTALLED = Path(__file__).resolve().parent / "_data"


def find_file(name: str) -> Path:
    """The path of a file that ships with the package, such as ``openapi.yaml`` or ``fixtures/worlds``.

    The checkout comes first: an editable install may leave an older copy inside the package.
    """
    if (_CHECKOUT / "pyproject.toml").exists() and (_CHECKOUT / "src" / "aniva_sandbox").exists():
        return _CHECKOUT / name
    return _INSTALLED / name
