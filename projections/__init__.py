"""What readers see: one file per read model, and the engine that feeds them."""
