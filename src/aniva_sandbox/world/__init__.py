"""What exists now: clock, ids, agenda, tables, catalogue, and the fixtures that worlds are made from. No rules."""
