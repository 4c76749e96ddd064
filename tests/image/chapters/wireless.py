"""A wireless network whose name is not plain, and an adapter that is plugged in late."""

from tests.image.journey import ANSWER_S, ATTRACT, BOOT_S, KIOSK, Journey
from tests.image.vm import wait

NAME, PASSWORD = 'Oficina "Cañada"', 'una clave "larga"'
WIRELESS = f"wifi_name = '{NAME}'\nwifi_password = '{PASSWORD}'\n"
ACCESS_POINT = f"""network={{
  ssid={NAME.encode().hex()}
  mode=2
  frequency=2412
  key_mgmt=WPA-PSK
  proto=RSN
  pairwise=CCMP
  psk="{PASSWORD}"
}}
"""
ITS_NETWORK = "[Match]\nName=wlan1\n[Network]\nAddress=10.77.0.1/24\nDHCPServer=yes\n"


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("A wireless network")
    kiosk = journey.kiosk
    kiosk.shut_down()
    kiosk.put("antesala.toml", WIRELESS + KIOSK)
    kiosk.start()
    journey.album.until_read(kiosk, ATTRACT, "wireless", BOOT_S)
    wait(kiosk.answers, "the kiosk to answer", BOOT_S)
    for path, text in (("/run/access-point.conf", ACCESS_POINT), ("/etc/systemd/network/10-ap.network", ITS_NETWORK)):
        source = journey.folder / "given"
        source.write_text(text)
        kiosk.run(f"cat > {path}", source=source)
    kiosk.run("nft add rule inet antesala input iifname wlan1 accept; networkctl reload")
    kiosk.run("modprobe mac80211_hwsim radios=2")
    kiosk.run("systemd-run --unit=access-point /usr/sbin/wpa_supplicant -i wlan1 -c /run/access-point.conf")
    took = wait(lambda: "10.77.0." in kiosk.run("ip -4 -br address show dev wlan0", ok=False), "an address", ANSWER_S)
    notes.took("adapter plugged in to an address on the air", took)
    ways = [line for line in kiosk.run("ip -4 route show default").splitlines() if line]
    notes.check("the cable goes first", ok="wlan0" not in ways[0], detail=ways)
    kiosk.shut_down()
    kiosk.put("antesala.toml", KIOSK)
    kiosk.start()
    journey.album.until_read(kiosk, ATTRACT, "cable-alone", BOOT_S)
