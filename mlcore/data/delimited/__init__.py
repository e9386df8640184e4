"""Text tables: bytes → UTF-8 → dialect → records → text cells → typed columns."""
