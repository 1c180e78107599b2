"""From a request to its answer: gates, limits, errors, logs, in the order of the request's path."""
