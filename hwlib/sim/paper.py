"""What comes out of a simulated printer: strips of dots, one under the other, until a cut makes them a ticket."""

from dataclasses import dataclass, field

from PIL import Image

MARGIN_DOTS = 24


@dataclass
class Ticket:
    """What came out at the cut: the picture, its text as lines, and the QR codes that the printer set itself."""

    image: Image.Image
    lines: list[str]
    qr: list[str]


@dataclass
class Paper:
    """The paper from the head to the cutter. `fed_dots` counts all that ever moved."""

    dots: int
    fed_dots: int = 0
    lines: list[str] = field(default_factory=list)
    qr: list[str] = field(default_factory=list)
    _strips: list[Image.Image] = field(default_factory=list)

    def strip(self, image: Image.Image, align: int = 0, high: int = 0) -> None:
        """Print an image (0 is black), `align` 0 left, 1 in the middle, 2 right, on `high` dots of paper at least."""
        strip = Image.new("1", (self.dots, max(image.height, high)), 1)
        strip.paste(image, ((0, (self.dots - image.width) // 2, self.dots - image.width)[align], 0))
        self._strips.append(strip)
        self.fed_dots += strip.height

    def white(self, dots: int) -> None:
        """Feed."""
        if dots:
            self.strip(Image.new("1", (1, dots), 1))

    def is_blank(self) -> bool:
        """Whether nothing black stands on it."""
        return all(strip.getextrema()[0] != 0 for strip in self._strips)

    def printed(self) -> Image.Image:
        """All strips as one picture, as wide as the head."""
        page = Image.new("1", (self.dots, max(1, sum(strip.height for strip in self._strips))), 1)
        top = 0
        for strip in self._strips:
            page.paste(strip, (0, top))
            top += strip.height
        return page

    def cut(self) -> Ticket | None:
        """The ticket; None when nothing stands on the paper."""
        blank, printed = self.is_blank(), self.printed()
        ticket = None
        if not blank:
            page = Image.new("1", (self.dots + 2 * MARGIN_DOTS, printed.height + MARGIN_DOTS), 1)
            page.paste(printed, (MARGIN_DOTS, MARGIN_DOTS))
            ticket = Ticket(page, self.lines, self.qr)
        self._strips, self.lines, self.qr = [], [], []
        return ticket
