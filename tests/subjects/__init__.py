"""Programs that explorers are measured on."""
