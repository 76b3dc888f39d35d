"""The adapters of other systems, whose packages are in their environments alone."""
