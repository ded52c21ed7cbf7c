"""The contract of an API: rules and operations, the OpenAPI document made from them, and checks compiled from it."""
