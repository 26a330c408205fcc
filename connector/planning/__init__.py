"""Correlate the three sides, compare, guard and align; pure decisions."""
