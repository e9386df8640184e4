"""JSON: text → items, one at a time → columns of text with a tally of types → the four storages."""
