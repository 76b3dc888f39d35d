"""The settings of Hypothesis for this folder are those of the properties."""

import tests.properties.conftest  # noqa: F401
