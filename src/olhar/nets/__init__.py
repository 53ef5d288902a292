"""Networks and layers that two or more capabilities share."""
