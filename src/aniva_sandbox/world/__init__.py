"""The state that calls work on: time, ids, records, the catalogue, and the fixtures of worlds. No rules."""
