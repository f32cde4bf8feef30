"""Control plane: the flags.

Owns schema `control` (its outbox and inbox so far) and the RPCs of orrery.control.v1. Calls nobody.
"""
