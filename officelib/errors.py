"""The family of errors that the world causes, as against those that are ours."""


class KnownError(Exception):
    """Something outside the program is wrong, and an operator can mend it.

    Attributes:
        what: What is wrong.
        where: The file, key, device or address.
        mend: What to do about it.
    """

    def __init__(self, what: str, *, where: str, mend: str) -> None:
        super().__init__(f"{where}: {what}. {mend}")
        self.what = what
        self.where = where
        self.mend = mend
