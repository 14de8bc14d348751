"""The schema that every operation is checked against and executed over."""

from importlib import resources

from graphql import GraphQLSchema, build_schema


def load_schema() -> GraphQLSchema:
    """The types that Gallra uses, as the project writes them down."""
    text = resources.files("sandbox.shopify").joinpath("schema.graphql").read_text(encoding="utf-8")
    return build_schema(text, assume_valid=True)


SCHEMA = load_schema()
