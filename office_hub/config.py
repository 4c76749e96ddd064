"""The hub's configuration."""

from dataclasses import dataclass
from pathlib import Path

from officelib.config import key


@dataclass(frozen=True, kw_only=True)
class HubConfig:
    """What a hub is told at its start."""

    catalogue: Path = key("The office's catalogue: services, counters, hours.")
    clerks: Path = key("Who may sign in at a console.")
    database: Path = key("The office's log and bookings; backed up, never copied while the hub runs.")
    bookings_inbox: Path = key("A folder: bookings dropped there as CSV or JSON go in.")
    broker: Path = key("The folder of this machine's broker; 'office-hub broker' writes it.")
    archive: Path = key("A folder for the log's archives, a file a day; empty: none, and nothing is forgotten.", Path())
    keep_days: int = key("So many days stay in the database once they are archived.", 30, low=2, high=3650)
    device: str = key("The hub's name among the devices.", "h1")
    broker_host: str = key("The name or address of this machine's broker, for the hub and for devices.", "127.0.0.1")
    broker_port: int = key("The broker's port.", 8883, low=1, high=65535)
    peer_host: str = key("Where the other hub's broker is, where the office has two hubs.", "")
    peer_port: int = key("The other broker's port.", 8883, low=1, high=65535)
    city_host: str = key("Where the broker between the city's offices is; empty: none, nobody is sent elsewhere.", "")
    city_port: int = key("That broker's port.", 8883, low=1, high=65535)
    city: Path = key("The folder with this office's keys there, as 'office-hub city' wrote it.", Path())
    web_host: str = key("The address on which the console listens.", "127.0.0.1")
    web_port: int = key("The console's port.", 8420, low=0, high=65535)
    page_host: str = key("The address on which citizens' phones are served; the console is not there.", "127.0.0.1")
    page_port: int = key(
        "Its port; 0 for none. 'page' in the catalogue says how phones reach it.", 0, low=0, high=65535
    )
    page_visitors_s: float = key("So many new visitors a second; others wait, in order.", 20.0, low=0.1, high=1000)
    updates: Path = key("The folder of updates that devices fetch from here; empty: none.", Path())
    home_assistant: bool = key("Whether Home Assistant finds the devices at the office's broker by itself.", False)
    texts: Path = key("The folder of translations; empty for those of the release.", Path())
    clock_shift_s: int = key("For rehearsals: seconds added to the machine's clock.", 0, unit="s")
