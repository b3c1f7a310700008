"""Pictures by their bytes: what is taken, what is refused by name, and what a thumbnail holds."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from streams.sources.http.images import THUMBNAIL_PX, check_image, kind_of
from streams.sources.http.refusal import Refused

MOST = 1_000_000


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **more: object) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **more)
    return out.getvalue()


def code_of(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        check_image(content, MOST)
    assert refused.value.field == "image"
    assert refused.value.expected.startswith("expected ")
    assert 400 <= refused.value.status < 500
    return refused.value.reason


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_kept_as_it_is_with_a_thumbnail(kind: str) -> None:
    content = picture(kind)
    image = check_image(content, MOST)
    assert (image.media_type, image.width, image.height) == (f"image/{kind.lower()}", 640, 480)
    assert image.content == content
    small = Image.open(io.BytesIO(image.thumbnail))
    assert (small.format, small.size) == ("JPEG", (THUMBNAIL_PX, 240))


def test_a_small_picture_is_not_blown_up() -> None:
    small = Image.open(io.BytesIO(check_image(picture(size=(100, 40)), MOST).thumbnail))
    assert small.size == (100, 40)


def test_a_thumbnail_carries_nothing_but_pixels() -> None:
    exif = Image.Exif()
    exif[0x010E] = "<script>alert(1)</script>"
    exif[0x0112] = 6  # taken with the camera on its side
    content = picture(exif=exif, comment=b"<?php ?>") + b"<script>alert(2)</script>"
    image = check_image(content, MOST)
    assert b"script" in image.content
    assert b"script" not in image.thumbnail
    assert b"php" not in image.thumbnail
    small = Image.open(io.BytesIO(image.thumbnail))
    assert small.size == (240, THUMBNAIL_PX)
    assert not small.getexif()


def test_what_is_clear_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (32, 32), (255, 0, 0, 0)).save(out, "PNG")
    small = Image.open(io.BytesIO(check_image(out.getvalue(), MOST).thumbnail))
    assert min(small.getpixel((16, 16))) > 250


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<script>alert(1)</script>",
        b"#!/bin/sh\nrm -rf .\n",
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"MZ\x90\x00",
        b"RIFF\x00\x00\x00\x00WAVE",
        picture("GIF"),
        picture("BMP"),
        picture("TIFF"),
    ],
)
def test_what_is_no_picture_by_its_bytes(content: bytes) -> None:
    assert code_of(content) == "image.type"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_cut_or_hollow_picture(kind: str) -> None:
    whole = picture(kind)
    assert code_of(whole[: len(whole) // 2]) == "image.broken"
    assert code_of(whole[:16]) == "image.broken"
    assert code_of(whole[:12] + b"<script>alert(1)</script>" * 40) == "image.broken"


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_a_bomb_is_known_by_its_header_alone() -> None:
    for side in (1_001, 12_000, 60_000):
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        content = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(99)))
        assert code_of(content + chunk(b"IEND", b"")) == "image.size"


def test_a_speck_and_a_film() -> None:
    assert code_of(picture(size=(15, 400))) == "image.size"
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    assert code_of(out.getvalue()) == "image.frames"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.data())
def test_any_damage_is_refused_by_name_or_harmless(kind: str, data: st.DataObject) -> None:
    content = bytearray(picture(kind, (48, 32)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        said = check_image(bytes(content), MOST).media_type
    except Refused as refused:
        said = refused.reason
    assert said.startswith("image")


@given(st.binary(max_size=64))
def test_the_kind_is_a_matter_of_the_first_bytes(content: bytes) -> None:
    assert kind_of(content) == kind_of(content[:12])
