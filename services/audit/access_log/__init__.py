"""The access log: each request that the gateway answered is one row."""
