"""What an analyst who writes a rulebook needs: checks, worked cases, what is covered."""
