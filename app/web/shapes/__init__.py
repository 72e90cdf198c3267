"""The JSON that goes in and out, as types: decoded, validated and described (`/openapi.json`) from these alone."""
