"""Processes beside the service: files that are routed, reports that are made."""
