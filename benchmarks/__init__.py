"""What documents cost, against the raw driver in the same process: of ours and of other ODMs.

`documents` says what is measured, `systems` how each ODM does it, `rows` which work is timed and
`checks` that it is the same work everywhere. `worker` is one process for one system; `__main__`
runs them all and hands the results to `report` and `plots`.
"""
