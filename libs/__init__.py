"""The fleet's libraries: one noun each.

A ladder: process / outbox, inbox, jobs / kafka, rpc, database, blobs / telemetry / settings.
"""
