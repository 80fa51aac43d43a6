"""What several tests share: queues to test with, and threads that can be waited for without sleeping."""
