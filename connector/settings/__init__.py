"""What people write: connector.toml, mappings/*.toml and secrets, read into frozen values."""
