"""From a bundle to code that trains its model again, for an engineer to read, run and change."""
