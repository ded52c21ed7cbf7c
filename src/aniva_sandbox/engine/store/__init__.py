"""The stores of worlds."""
