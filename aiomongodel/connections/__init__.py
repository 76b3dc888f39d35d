"""Connections: clients made from a URL or the environment, pings, and the metrics of pools."""
