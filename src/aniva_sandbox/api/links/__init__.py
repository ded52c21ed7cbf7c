"""Links between appointments and shipments."""
