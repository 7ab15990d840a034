"""The demonstration: fictional people at the centres of the case, loaded through the services."""
