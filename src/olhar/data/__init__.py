"""Pictures to learn from: where they are, what is known of each, and batches of them, fast."""
