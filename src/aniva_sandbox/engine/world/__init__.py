"""A world: clock, ids, agenda, events, and the sections of records that an API registers."""
