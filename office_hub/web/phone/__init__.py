"""The page of a ticket on its citizen's phone: no app, no account, nothing about anybody."""
