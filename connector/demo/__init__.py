"""An invented school with every kind of misalignment, to try the connector on; no real person or school is in it."""
