"""Reading files that chance has damaged."""
