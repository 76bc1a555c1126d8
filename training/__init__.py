"""Training of everything the lab ships: `accelerate launch -m training <config.yaml>`."""
