"""Ai inference: the models.

Owns schema `ai` (its outbox and inbox so far) and the RPCs of orrery.ai.v1. Calls nobody.
"""
