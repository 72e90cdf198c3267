"""Every HTTP call that we make, each with a time-out; what others answer becomes our own answers and errors."""
