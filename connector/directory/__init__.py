"""The school directory, read only."""
