"""Every enterprise of a province: decided from tables, summed up, and what a reform would change."""
