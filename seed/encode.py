"""From a barge's state to the sentences a receiver prints: AIVDM (ITU-R M.1371-5) behind tag blocks
(NMEA 0183 4.10). The bits are made by pyais; the armour and the tag block are made here."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, reduce
from operator import xor

from pyais.encode import ais_to_nmea_0183
from pyais.messages import (
    MessageType1,
    MessageType5,
    MessageType8Dac200Fid10,
    MessageType18,
    MessageType24PartA,
    MessageType24PartB,
    Payload,
)

from seed.fleet import Barge, Radio

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_AIVDM = bytes(48 + n if n < 40 else 56 + n for n in range(64))
_ALPHABET = bytes.maketrans(_BASE64, _AIVDM)

KN_PER_MPS = 3600 / 1852
_NO_HEADING = 511
_MOORED, _UNDER_WAY = 5, 0
_CARGO = 79
_ERI_MOTOR_FREIGHTER = 8010
_GPS = 1
_CS_RADIO = 917_510  # class B "CS": the communication state says so, ITU-R M.1371-5 table 70
_LADEN, _LIGHT = 1, 2  # inland FI 10 as ECE/TRANS/SC.3/176 lists them; readers disagree


@dataclass(frozen=True, slots=True)
class Report:
    """One position as the GPS on board has it: degrees WGS-84, knots, whole UTC seconds."""

    t: int
    lon: float
    lat: float
    sog_kn: float
    cog_deg: float
    heading_deg: int | None
    moored: bool


def position(barge: Barge, report: Report, channel: str) -> list[str]:
    """Type 1 of class A and inland barges, type 18 of class B: one sentence."""
    heading = _NO_HEADING if report.heading_deg is None else report.heading_deg
    message: Payload
    if barge.radio is Radio.B:
        message = MessageType18.create(
            mmsi=barge.mmsi,
            speed=report.sog_kn,
            accuracy=True,
            lon=report.lon,
            lat=report.lat,
            course=report.cog_deg,
            heading=heading,
            second=report.t % 60,
            cs=True,
            dsc=True,
            band=True,
            msg22=True,
            radio=_CS_RADIO,
        )
    else:
        message = MessageType1.create(
            mmsi=barge.mmsi,
            status=_MOORED if report.moored else _UNDER_WAY,
            speed=report.sog_kn,
            accuracy=True,
            lon=report.lon,
            lat=report.lat,
            course=report.cog_deg,
            heading=heading,
            second=report.t % 60,
            maneuver=0,
        )
    return _sentences(message, channel)


def identity(
    barge: Barge, *, laden: bool, destination: str, eta: int, channel: str, sequence: int
) -> list[str]:
    """Type 5 (two sentences) of class A and inland barges, type 24 parts A and B of class B.

    `eta` is in epoch seconds; `sequence` 0 to 9 ties the parts of one message together.
    """
    bow = round(barge.length_m) - 8  # the antenna stands on the wheelhouse, near the stern
    half = round(barge.beam_m / 2)
    hull = {"to_bow": bow, "to_stern": 8, "to_port": half, "to_starboard": half}
    if barge.radio is Radio.B:
        part_a = MessageType24PartA.create(mmsi=barge.mmsi, partno=0, shipname=barge.name)
        part_b = MessageType24PartB.create(
            mmsi=barge.mmsi,
            partno=1,
            ship_type=_CARGO,
            vendorid="WSL",
            callsign=barge.callsign,
            **hull,
        )
        return _sentences(part_a, channel) + _sentences(part_b, channel)
    at = datetime.fromtimestamp(eta, UTC)
    message = MessageType5.create(
        mmsi=barge.mmsi,
        callsign=barge.callsign,
        shipname=barge.name,
        ship_type=_CARGO,
        epfd=_GPS,
        month=at.month,
        day=at.day,
        hour=at.hour,
        minute=at.minute,
        draught=barge.laden_m if laden else barge.light_m,
        destination=destination,
        **hull,
    )
    return _sentences(message, channel, sequence)


def inland(barge: Barge, *, laden: bool, channel: str) -> list[str]:
    """Inland ship and voyage data: type 8, DAC 200, FI 10, 168 bits, one sentence."""
    message = MessageType8Dac200Fid10.create(
        mmsi=barge.mmsi,
        dac=200,
        fid=10,
        vin=barge.vin,
        length=barge.length_m,
        beam=barge.beam_m,
        shiptype=_ERI_MOTOR_FREIGHTER,
        hazard=0,
        draught=barge.laden_m if laden else barge.light_m,
        loaded=_LADEN if laden else _LIGHT,
        speed_q=1,
        course_q=1,
        heading_q=int(barge.has_heading),
    )
    return _sentences(message, channel)


@lru_cache(maxsize=256)
def tag_block(station: str, t: int) -> str:
    r"""`\s:<station>,c:<epoch seconds>*<checksum>\`: who heard it, and when."""
    body = f"s:{station},c:{t}"
    return f"\\{body}*{checksum(body):02X}\\"


def checksum(text: str) -> int:
    """The exclusive or of all characters, as NMEA 0183 wants it between the marks."""
    return reduce(xor, text.encode("ascii"), 0)


def armour(bits: bytes, count: int) -> tuple[str, int]:
    """Six bits to a letter as AIVDM writes them, and how many bits the last letter is padded by.

    The same letters as pyais's own armour, ten times as fast: base64 also takes six bits at a time,
    with another alphabet.
    """
    letters = b64encode(bits).translate(_ALPHABET)[: -(-count // 6)]
    return letters.decode("ascii"), -count % 6


def _sentences(message: Payload, channel: str, sequence: int | None = None) -> list[str]:
    payload, fill = armour(*message.to_bytes())
    return list(ais_to_nmea_0183(payload, "AI", "VDM", channel, fill, sequence))
