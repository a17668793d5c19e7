"""Diagrams in, steps out."""
