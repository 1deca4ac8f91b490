"""Parts of the hall that can be taken out and brought back, and what runs them."""
