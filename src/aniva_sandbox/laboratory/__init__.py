"""Medicine without the API: what laboratories sell, measure and report."""
