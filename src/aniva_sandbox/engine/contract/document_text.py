"""Writing a document as YAML."""

from typing import Any

import yaml

__all__ = ["dump"]


def dump(document: dict[str, Any]) -> str:
    """A document as YAML. Equal documents give equal texts."""
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Block style, except for short lists of plain values; no anchors; long strings as blocks."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _represent_list(dumper: Any, data: list[Any]) -> Any:
    plain = all(not isinstance(item, list | dict) for item in data) and sum(len(str(item)) for item in data) < 90
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=plain)


def _represent_text(dumper: Any, data: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(str, _represent_text)
