"""A customer's risk of leaving or of conflict (S56), from indicators that other services supply."""
