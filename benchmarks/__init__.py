"""Measurements, each run by hand: they print a table and JSON, and assert nothing."""
