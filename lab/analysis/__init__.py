"""What is found in trained networks: clusters of styles and how far they agree with true looks,
activations, the maps of discriminators' scores, and the matrices of a style transfer."""
