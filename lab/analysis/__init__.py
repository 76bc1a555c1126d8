"""What is found in trained networks: clusters of styles."""
