"""The TrackOne user store and the record of runs."""
