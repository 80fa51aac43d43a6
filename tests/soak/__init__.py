"""Queues under load for as long as one likes, with interrupts and shutdowns: `make soak`, or `python -m tests.soak`."""
