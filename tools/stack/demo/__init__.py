"""The main job, as a newcomer sees it first: a film goes in by the public API, and what Orrery made of it comes out."""
