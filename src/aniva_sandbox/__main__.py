"""``python -m aniva_sandbox``: the command line when its script is not on the path."""

from aniva_sandbox.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
