"""What judges the exercises: one file per lesson, `CHECKS` from name to judge (`exercise`)."""
