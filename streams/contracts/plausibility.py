"""What cannot be true of a vessel, whatever the checksum says: a sentence about it, or `None`."""

from datetime import UTC, datetime

LONGEST_M = 500.0
"""The longest ship ever built had 458 m, the longest pushed convoys on rivers have some 300 m."""
BROADEST_M = 80.0
"""The broadest ships have some 70 m."""

NO_POSITION = "longitude 181°, latitude 91°: the vessel says that it has no position"

_PLACEHOLDERS = frozenset(int(str(digit) * 9) for digit in range(1, 10)) | {
    123456789,
    234567890,
    345678901,
    765432109,
    876543210,
    987654321,
}
_OWNERS = (
    ("00", "a coast station"),
    ("0", "a group of ships"),
    ("111", "a search and rescue aircraft"),
    ("8", "a hand-held radio"),
    ("970", "a search and rescue transmitter"),
    ("972", "a man-overboard device"),
    ("974", "an emergency beacon"),
    ("99", "an aid to navigation"),
)


def mmsi_fault(mmsi: int) -> str | None:
    """Why `mmsi` is no vessel's number (ITU-R M.585-9).

    A ship has nine digits that begin with a country's MID (201-775), a craft of a parent ship has
    98 and then the MID. A MID not assigned yet is accepted: lists age, vessels sail.
    """
    if 200_000_000 <= mmsi <= 799_999_999 or 982_000_000 <= mmsi <= 987_999_999:
        if mmsi in _PLACEHOLDERS:
            return f"MMSI {mmsi} is a typed-in placeholder"
        return None
    digits = f"{mmsi:09d}"
    fault = "has no country code where a vessel's number has one"
    if mmsi == 0:
        fault = "was never set up in the transponder"
    elif mmsi in _PLACEHOLDERS:
        fault = "is a typed-in placeholder"
    elif len(digits) > 9:
        fault = "has more than nine digits"
    else:
        owner = next((owner for prefix, owner in _OWNERS if digits.startswith(prefix)), None)
        if owner is not None:
            fault = f"belongs to {owner}, not to a vessel"
    return f"MMSI {digits} {fault}"


def position_fault(lon: float, lat: float) -> str | None:
    """Why the position cannot be used; degrees."""
    if -180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0:
        if lon == 0.0 and lat == 0.0:
            return "longitude 0°, latitude 0°: the transponder had no position"
        return None
    if lon == 181.0 and lat == 91.0:
        return NO_POSITION
    if not -180.0 <= lon <= 180.0:
        return f"longitude {lon}° is out of range"
    return f"latitude {lat}° is out of range"


def dimension_fault(length_m: float | None, beam_m: float | None) -> str | None:
    """Why the dimensions cannot be a vessel's; metres, `None` where unknown."""
    if length_m is not None and length_m > LONGEST_M:
        return f"length {length_m} m, at most {LONGEST_M:.0f} m is believed"
    if beam_m is not None and beam_m > BROADEST_M:
        return f"beam {beam_m} m, at most {BROADEST_M:.0f} m is believed"
    return None


def spoken(epoch_s: int) -> str:
    """An instant for a sentence to the operator; also one that no calendar holds."""
    try:
        return datetime.fromtimestamp(epoch_s, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return f"epoch second {epoch_s}"
