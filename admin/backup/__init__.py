"""Backups of everything that the fleet keeps, taken at one point in time, and the way back.

A backup is the dump of every schema in one snapshot, every object of every bucket, and the events that were on their
way through Kafka at that moment. It exists once its manifest does, which is written last. The master key is in none.
"""
