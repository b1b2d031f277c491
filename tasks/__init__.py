"""The work of the cluster: one module per stage, plan, fan out, merge."""
