"""What is made when the package is built: the data of the files that every start reads."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DecodedFiles(BuildHookInterface[Any]):
    """Decodes the files: into the wheel, or beside them for an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from aniva_sandbox.api.decoding import decode_files
        from aniva_sandbox.engine.decoded import DECODED
        from aniva_sandbox.engine.whole_file import write_whole

        write_whole(root / DECODED, decode_files(root))
        if version != "editable":
            build_data["force_include"][str(root / DECODED)] = f"aniva_sandbox/_data/{DECODED}"
