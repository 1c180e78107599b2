"""The only place that composes the domains: what is done with them, each in one transaction."""
