"""Proto ⇄ HTTP, compiled once at start-up from the descriptors: no reflection while a request is served.

`names` what fields are called, `reader` JSON texts, `decoder` bodies and `query` parameters into messages,
`constraints` the fields' rules, `encoder` messages into JSON, `schemas` and `openapi` the document.
"""
