"""Settings, urls and command line: the only place that knows every app."""
