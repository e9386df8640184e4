"""Cells of a block of text cut and read, compiled: for large files, several columns at a time on several cores."""
