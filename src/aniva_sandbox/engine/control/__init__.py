"""The control plane: operations on worlds, declared like those of an API."""
