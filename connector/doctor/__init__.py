"""The doctor: plays the conversations of identity providers with an endpoint, and says how each step went."""
