"""The settings of Hypothesis for this folder."""

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    'schemas',
    deadline=None,
    max_examples=int(os.environ.get('HYPOTHESIS_EXAMPLES', '50')),
    derandomize='CI' in os.environ,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile('schemas')
