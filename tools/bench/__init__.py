"""`make bench`: what a request costs, in CPU-seconds per 1,000 over all processes, and how fast it is.

It starts a fleet of its own beside the running one, with rate limits out of the way, and loads it from loopback.
"""
