"""Tools for working on aiomongodel; none of this is installed with the package."""
