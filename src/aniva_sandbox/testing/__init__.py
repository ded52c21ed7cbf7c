"""The sandbox inside a test run: a live server in a thread, and the pytest fixture ``aniva``."""
