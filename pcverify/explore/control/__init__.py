"""What tasks meet instead of the real thing: locks, threads, queues, clocks, chance; and what is refused.

`everything` puts a process under control and takes it back; `redirect` is how. Everything else here is one kind of
thing each, and hands on to the real one whatever no task asks for.
"""
