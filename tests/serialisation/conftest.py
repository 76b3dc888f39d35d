"""The settings of Hypothesis for this folder."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    'serialisation',
    deadline=None,
    max_examples=int(os.environ.get('HYPOTHESIS_EXAMPLES', '25')),
    derandomize='CI' in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile('serialisation')
