"""Keys of the seals: Ed25519, in files beside the store and never in it.

`FILE` holds the private key, `FILE.pub` every public key that ever belonged to it, and `FILE.last`
number and digest of the newest seal made with it here: who cuts seals off a store cannot cut that.
"""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Final, Self

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.errors import InvalidInput, WhistleError
from domain.seals import key_id

_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----\s*", re.DOTALL)
_MODE: Final = 0o600


class KeyThere(WhistleError):
    """A private key stands there already and is not written over."""

    code: ClassVar[str] = "seal.key_there"


class SealKey:
    """A private key. Its bytes leave this object by `make` only, into its file."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.key_id = key_id(_raw(key.public_key()))

    def __repr__(self) -> str:
        return f"SealKey({self.key_id})"

    @classmethod
    def load(cls, path: Path) -> Self:
        """The key of a PEM file. Raises `InvalidInput` for what is none."""
        try:
            key = serialization.load_pem_private_key(_read(path), password=None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise InvalidInput("WHISTLE_SEAL_KEY_FILE", f"{path} holds no Ed25519 private key")
        return cls(key)

    @classmethod
    def make(cls, path: Path) -> Self:
        """A new key in `path`, readable by its owner only; its public half at the end of `.pub`.

        Raises `KeyThere`, and `InvalidInput` where nothing can be written.
        """
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            _write_private(fresh, private)
            try:
                os.link(fresh, path)  # whole or not at all, and never over another key
            finally:
                fresh.unlink()
            with public_file(path).open("ab") as public:
                public.write(_pem(key.public_key()))
        except FileExistsError:
            raise KeyThere(f"{path} is there already; move it away to make another key") from None
        except OSError as fault:
            raise InvalidInput("file", f"{path}: {fault.strerror or fault}") from fault
        return cls(key)

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`, 64 bytes."""
        return self._key.sign(message)

    def public_pem(self) -> str:
        """The public half, for others."""
        return _pem(self._key.public_key()).decode()


class PublicKeys:
    """Public keys by their ids; what the checks of `domain.seals` ask is `signed`."""

    def __init__(self, keys: Iterable[Ed25519PublicKey]) -> None:
        self._keys = {key_id(_raw(key)): key for key in keys}

    @classmethod
    def load(cls, path: Path) -> Self:
        """All public keys of a PEM file. Raises `InvalidInput` for one without, or with others."""
        keys = []
        for block in _BLOCK.finditer(_read(path)):
            try:
                key = serialization.load_pem_public_key(block.group())
            except ValueError:
                key = None
            if not isinstance(key, Ed25519PublicKey):
                raise InvalidInput("public-key", f"{path} holds something else than public keys")
            keys.append(key)
        if not keys:
            raise InvalidInput("public-key", f"{path} holds no Ed25519 public key")
        return cls(keys)

    def ids(self) -> list[str]:
        """What the keys are called, in order."""
        return sorted(self._keys)

    def signed(self, name: str, message: bytes, signature: bytes) -> bool | None:
        """Whether the key `name` signed `message` so; `None`: it is none of these."""
        key = self._keys.get(name)
        if key is None:
            return None
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def public_file(path: Path) -> Path:
    """Where the public halves of a private key's file stand."""
    return path.with_name(f"{path.name}.pub")


def remembered(path: Path) -> tuple[int, bytes] | None:
    """Number and digest of the newest seal made here with the key of this file, if noted."""
    try:
        told = orjson.loads(_last_file(path).read_bytes())
        return int(told["number"]), bytes.fromhex(told["digest"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise InvalidInput("file", f"{_last_file(path)} cannot be read: {fault}") from fault


def remember(path: Path, number: int, digest: bytes) -> bool:
    """Note it, whole or not at all; `False` where nothing can be written."""
    file = _last_file(path)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        fresh.write_bytes(orjson.dumps({"number": number, "digest": digest.hex()}) + b"\n")
        fresh.replace(file)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        return False
    return True


def _last_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.last")


def _write_private(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, _MODE)
        file.write(data)
        file.flush()
        os.fsync(handle)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise InvalidInput("file", f"{path}: {fault.strerror or fault}") from fault


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
