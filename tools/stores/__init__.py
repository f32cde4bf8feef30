"""The stores as containers, for charts/platform: one script a server, run as the image's user, data in /data.

The same versions as `make up` runs; for development and tests, each one server without a second.
"""
