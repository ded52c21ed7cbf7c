"""Evidence of calls: the journal, hints, and unmatched calls."""
