"""What calls met: the journal, hints, and calls that matched nothing."""
