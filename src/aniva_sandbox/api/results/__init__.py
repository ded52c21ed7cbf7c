"""Lab orders, results and reports."""
