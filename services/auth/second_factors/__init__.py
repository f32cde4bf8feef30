"""Second factors: codes of authenticator apps (TOTP), backup codes, PINs, and the payments that they authorise.

Codes and PINs are short, so guessing is what this is built against: each wrong one is counted before the next is
looked at, five lock, and each further lock lasts twice as long. Only whoever has passed the step before, with a
session or with the right password, can make a wrong one count.
"""
