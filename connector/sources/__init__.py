"""SIS readers: CSV exports and OneRoster bundles."""
