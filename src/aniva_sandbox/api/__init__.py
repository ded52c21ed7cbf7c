"""The Aniva Partner API, by noun."""
