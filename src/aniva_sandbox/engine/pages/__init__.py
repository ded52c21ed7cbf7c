"""The pages that the server serves: static files, usable offline."""
