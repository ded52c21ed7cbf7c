"""The way of a request, and the app that brings requests in."""
