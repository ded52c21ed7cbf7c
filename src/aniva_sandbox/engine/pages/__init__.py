"""Pages that the server offers: static files, made without a network."""
