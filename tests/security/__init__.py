"""The findings of reviews, each by the attack that made it."""
