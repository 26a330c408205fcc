"""The admin console: the same services as the command line, for people who only ever use a browser."""
