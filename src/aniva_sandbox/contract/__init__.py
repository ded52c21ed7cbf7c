"""The vocabulary of an API: its rules and operations, the OpenAPI document of them, and checks compiled from that."""
