"""The test bed of 0.2.3: the published package and our module, side by side on one server."""
