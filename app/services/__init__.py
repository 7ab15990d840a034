"""The verbs of the product: transactions, rights, and the way between rows and the libraries.

Every function that changes something takes the `Actor` who asks first and `now` last, checks the
actor's right to the object, validates everything before it writes anything, writes in one
transaction and leaves an entry in the audit log. Faults are raised as `services.errors` says.
"""
