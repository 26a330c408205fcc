"""One module a use case: read, decide, act, in that order."""
