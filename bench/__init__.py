"""Measurements of the connector against floors taken in the same run."""
