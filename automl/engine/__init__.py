"""The race: what to try (plan), on which folds, in which processes, and how the best are combined."""
