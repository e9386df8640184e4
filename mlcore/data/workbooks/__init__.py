"""Workbooks: bounds → cells → header → columns of texts, numbers and moments → typed columns.

Everything here that opens a file is called in a limited child process (see `mlcore.data.limited`).
"""
