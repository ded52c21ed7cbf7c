"""Appointments: blood draws, what is ordered with them, and their confirmation."""
