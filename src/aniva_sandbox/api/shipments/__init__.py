"""Shipments, and the courier behind them."""
