"""The container images: which there are, how they are built by buildah or Docker, and what is inside them."""
