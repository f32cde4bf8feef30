"""The public API: routes, who calls, limits, response families and documents over the fleet's gRPC services.

It holds no rule of a domain and touches no store; what a route takes and answers is made from the protos (bridge/).
"""
