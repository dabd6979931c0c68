"""What only one operating system knows; every module can be imported on all of them."""
