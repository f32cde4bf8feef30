"""What a User-Agent tells of a device."""

import pytest

from services.auth.devices.agents import API, DESKTOP, MOBILE, WEB, Device, device

WEBKIT, APPLE = "AppleWebKit/537.36 (KHTML, like Gecko)", "AppleWebKit/605.1.15 (KHTML, like Gecko)"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {APPLE}"
WINDOWS, CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT}", "Chrome/143.0.0.0"
LINUX, ANDROID = "Mozilla/5.0 (X11; Linux x86_64", "Mozilla/5.0 (Linux; Android 15; Pixel 9)"
KNOWN = {
    f"{WINDOWS} {CHROME} Safari/537.36": Device(WEB, "Windows", "Chrome", "143"),
    f"{WINDOWS} {CHROME} Safari/537.36 Edg/143.0.1": Device(WEB, "Windows", "Edge", "143"),
    f"{WINDOWS} Orrery/2.1 {CHROME} Electron/38.0 Safari/537.36": Device(DESKTOP, "Windows", "Chrome", "143"),
    f"{LINUX}) {WEBKIT} {CHROME} Safari/537.36 OPR/120.0": Device(WEB, "Linux", "Opera", "120"),
    f"{LINUX}; rv:145.0) Gecko/20100101 Firefox/145.0": Device(WEB, "Linux", "Firefox", "145"),
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) {APPLE} Version/18.6 Safari/605.1.15": Device(
        WEB, "macOS", "Safari", "18"
    ),
    f"Mozilla/5.0 (X11; CrOS x86_64 16000.0) {WEBKIT} {CHROME} Safari/537.36": Device(WEB, "ChromeOS", "Chrome", "143"),
    f"{IPHONE} Version/18.6 Mobile/15E148 Safari/604.1": Device(MOBILE, "iOS", "Safari", "18"),
    f"{IPHONE} CriOS/143.0 Mobile/15E148": Device(MOBILE, "iOS", "Chrome", "143"),
    f"{ANDROID} {WEBKIT} {CHROME} Mobile Safari/537.36": Device(MOBILE, "Android", "Chrome", "143"),
    f"{ANDROID} {WEBKIT} SamsungBrowser/28.0 {CHROME} Mobile": Device(MOBILE, "Android", "Samsung Internet", "28"),
    "curl/8.14.1": Device(API, "", "curl", "8"),
    "python-httpx/0.28.1": Device(API, "", "python-httpx", "0"),
    "okhttp/5.1.0": Device(API, "", "okhttp", "5"),
    "Orrery/3.2 (iPhone; iOS 18.6)": Device(MOBILE, "iOS", "Orrery", "3"),
    "": Device(API),
    "Mozilla/5.0": Device(API),
    "<script>alert(1)</script>": Device(API),
}
ODD = ["Version/1" * 60, "Version/1." + "1." * 240 + " Mobile/", "A" * 512, "\u202e\x00 (;/" * 80]


@pytest.mark.parametrize("agent", KNOWN)
def test_a_device_is_recognised(agent: str) -> None:
    assert device(agent) == KNOWN[agent]


@pytest.mark.parametrize(
    "agent", ["Version/1" * 60, "Version/1." + "1." * 240 + " Mobile/", "A" * 512, "\u202e\x00 (;/" * 80]
)
def test_whatever_is_sent_is_read_at_once(agent: str) -> None:
    assert device(agent).type in (API, WEB, MOBILE, DESKTOP)


def test_a_fingerprint_outlives_an_update_and_names_nobody() -> None:
    old, new = device("Firefox/145.0 (X11; Linux)"), device("Firefox/146.0 (X11; Linux)")

    assert old.fingerprint("ada") == new.fingerprint("ada") != old.fingerprint("bob")
    assert len(old.fingerprint("ada")) == 32
