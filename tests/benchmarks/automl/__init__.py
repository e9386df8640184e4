"""AutoML systems side by side at the same budget: public tables, and our runner."""
