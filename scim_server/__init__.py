"""The SCIM 2.0 endpoint that Entra ID and Okta are wired to; its own WSGI application and listener."""
