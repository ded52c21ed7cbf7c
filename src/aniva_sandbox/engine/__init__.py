"""A stateful test double of any API that an OpenAPI document can describe."""
