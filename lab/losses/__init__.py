"""Losses as pure functions of features, each named after its equation."""
