"""Measures lazycred: counts that are the same on every machine, and times."""
