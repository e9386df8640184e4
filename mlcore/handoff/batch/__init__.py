"""Whole files are scored a few thousand rows at a time: check, score, write, in bounded memory."""
