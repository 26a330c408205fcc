"""The command line: parse, call a service, print a report, choose an exit code."""
