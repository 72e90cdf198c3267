"""The HTTP floor: Flask. It translates requests into actions and results into answers; it holds no rule and no SQL."""
