"""Programs that explorers are measured on: what small ones can do, and wrong ones beside their right twins."""
