"""Coverage: which rules, boundaries, states and values of an API a client's calls have met, and which not."""
