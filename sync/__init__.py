"""The order of one run: pull, map, check, decide, plan, seal, log, deliver, load, remember."""
