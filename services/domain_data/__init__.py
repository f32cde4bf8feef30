"""Domain data: the prices.

Owns schema `domain` (its outbox and inbox so far) and the RPCs of orrery.domain.v1. Calls nobody.
"""
