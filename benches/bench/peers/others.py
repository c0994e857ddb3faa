"""Peers of other making."""
PEERS = []
