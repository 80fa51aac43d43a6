"""What a queue must survive when it changes: faults that every check has to catch."""
