"""An organization's API keys: managed by its ADMINs, limited by permissions, rates, places and signatures."""
