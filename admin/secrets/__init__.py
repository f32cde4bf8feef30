"""The secrets of an installation: made once, inside the cluster, and never changed by a roll-out.

A specification names each secret and the kind of each of its values. What is missing is made; what exists stays as it
is. Certificates alone are renewed (admin/certificates). No value is ever printed.
"""
