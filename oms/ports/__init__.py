"""What the engine needs from the world, as protocols: whoever keeps these promises can be plugged in. Contract tests in tests/contract."""
