"""`make new-service NAME=… PACKAGE=… FEATURE=…` writes a service that starts, is healthy and has a green test.

Each step is a module: the files, the stack's entry, the gateway's, the container's, the chart's. Another surface is one
more step.
"""
