"""Many schools: a folder of configurations, run in turn by one process or by workers over a queue."""
