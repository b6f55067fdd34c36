"""Forms of our own for signing in; allauth finds them by name in the settings."""
