"""The files that every bundle carries as they are; they know nothing of this project."""
