"""The decision service over HTTP. Needs the extra `serve`; nothing of it is imported by the engine."""
