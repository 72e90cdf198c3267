"""Where the time goes: hot paths of the running service, measured against bare floors."""
