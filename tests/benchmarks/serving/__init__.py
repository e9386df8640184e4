"""Explanations side by side: rows per second on the same models and rows, and our runner of the others."""
