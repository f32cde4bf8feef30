"""Personal API tokens: issued in a session, good for the scopes and the time that were asked for."""
