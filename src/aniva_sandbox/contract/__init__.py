"""What an API description is: rules, operations, the OpenAPI document, and the checks compiled from it."""
