"""The API's documents: the OpenAPI document made from route tables and protos, and the pages that show it."""
