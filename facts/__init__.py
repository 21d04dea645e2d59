"""What is known about an enterprise: units, models, vocabulary, loading; and the one diagnostic object."""
