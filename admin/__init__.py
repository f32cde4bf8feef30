"""The operators' command line, `orrery`: it deploys, keeps and mends what the fleet runs on."""
