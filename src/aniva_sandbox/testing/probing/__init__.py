"""Probes in pytest: tests run again with one change at a time. Imported only by runs that ask for it."""
