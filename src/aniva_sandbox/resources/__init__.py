"""How the partner API behaves: one resource a file, each read from top to bottom."""
