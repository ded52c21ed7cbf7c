"""Profiles: patients, each in a profile group."""
