"""A neural net for tables, trained on the CPU with NumPy alone."""
