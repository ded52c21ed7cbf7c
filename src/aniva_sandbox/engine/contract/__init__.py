"""The vocabulary of an API: rules and operations, the OpenAPI document of them, and checks compiled from that."""
