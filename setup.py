"""Everything about the distribution is in setup.cfg."""

from setuptools import setup

setup()
