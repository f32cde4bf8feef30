"""A real one-node Kubernetes for tests: cluster.sh starts it, the Go modules here pin it."""
