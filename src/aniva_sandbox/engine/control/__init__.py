"""The control plane: operations on worlds, declared as those of an API are."""
