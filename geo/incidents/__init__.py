"""Incidents: placed, routed, kept with the decision, moved from state to state."""
