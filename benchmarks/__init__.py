"""How fast oms is beside the best raw code: `python -m benchmarks`. What is measured, and how, is said in each module."""
