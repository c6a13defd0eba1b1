"""What can be wrong with pictures and masks before anybody trains on them."""
