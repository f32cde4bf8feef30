"""The local stack: real PostgreSQL, Kafka, S3 and Redis, and the fleet, as processes of this machine.

No Docker, loopback only. Ports, folders and versions stand in `stack.toml`; all that is made lies under `.stack/`.
`python -m tools.stack --help` lists the commands, the Makefile calls them.
"""
