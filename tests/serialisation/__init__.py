"""Documents as Python objects, as dicts and as JSON."""
