"""What a program's file says of itself on Windows: its maker's name for it, and whose signature.

A signature is read, not verified: whoever renames a listed program does not forge its signature
into it, and verifying would read the whole file. Nothing here is used to let anybody pass.
"""

from __future__ import annotations

import ctypes
import struct
import sys

from zhishiyun_client.ports.watching import FileIdentity

LANGUAGE = struct.Struct("<HH")
USUAL_LANGUAGE = (0x0409, 0x04B0)  # where a file names none: English, UTF-16
EMBEDDED_SIGNATURE = 1 << 10  # CERT_QUERY_CONTENT_FLAG_PKCS7_SIGNED_EMBED
BINARY = 1 << 1  # CERT_QUERY_FORMAT_FLAG_BINARY
FILE_OBJECT = 1  # CERT_QUERY_OBJECT_FILE
SIGNER_CERTIFICATE = 7  # CMSG_SIGNER_CERT_INFO_PARAM
ENCODINGS = 0x00010001  # X509_ASN_ENCODING | PKCS_7_ASN_ENCODING
BY_SUBJECT = 0x000B0000  # CERT_FIND_SUBJECT_CERT
SIMPLE_NAME = 4  # CERT_NAME_SIMPLE_DISPLAY_TYPE
LARGEST_VERSION_BYTES = 1 << 20


def languages_of(table: bytes) -> tuple[tuple[int, int], ...]:
    """Language and code page of each block of texts in a file's version. Pure."""
    whole = len(table) - len(table) % LANGUAGE.size
    return tuple(LANGUAGE.iter_unpack(table[:whole])) or (USUAL_LANGUAGE,)


if sys.platform == "win32":
    from ctypes import wintypes

    def identity_of(path: str) -> FileIdentity:
        """Implements `Identifier`. Thread: any."""
        return FileIdentity(original=original_name(path), signer=signer_of(path))

    def original_name(path: str) -> str:
        """OriginalFilename of the file's version; "" without one."""
        library = ctypes.WinDLL("version", use_last_error=True)
        ignored = wintypes.DWORD()
        size = library.GetFileVersionInfoSizeW(wintypes.LPCWSTR(path), ctypes.byref(ignored))
        if not 0 < size <= LARGEST_VERSION_BYTES:
            return ""
        block = ctypes.create_string_buffer(size)
        if not library.GetFileVersionInfoW(wintypes.LPCWSTR(path), 0, size, block):
            return ""
        table = _value(library, block, r"\VarFileInfo\Translation", 1)
        for language, page in languages_of(table):
            name = rf"\StringFileInfo\{language:04x}{page:04x}\OriginalFilename"
            said = _value(library, block, name, 2).decode("utf-16-le", "replace").strip("\0 ")
            if said:
                return said.removesuffix(".mui")  # how Windows names its own translated programs
        return ""

    def _value(
        library: ctypes.WinDLL, block: ctypes.Array[ctypes.c_char], name: str, unit_bytes: int
    ) -> bytes:
        """One value; its length is counted in bytes or, for texts, in letters."""
        place, length = ctypes.c_void_p(), wintypes.UINT()
        found = library.VerQueryValueW(
            block, wintypes.LPCWSTR(name), ctypes.byref(place), ctypes.byref(length)
        )
        if not found or not place.value:
            return b""
        return ctypes.string_at(place.value, length.value * unit_bytes)

    def signer_of(path: str) -> str:
        """Whom the certificate of the file's own signature names; "" without one.

        Windows' own programs are signed in catalogues instead and answer "".
        """
        crypt32 = _crypt32()
        store, message = ctypes.c_void_p(), ctypes.c_void_p()
        found = crypt32.CryptQueryObject(
            FILE_OBJECT, ctypes.c_wchar_p(path), EMBEDDED_SIGNATURE, BINARY, 0,
            None, None, None, ctypes.byref(store), ctypes.byref(message), None,
        )  # fmt: skip
        if not found:
            return ""
        try:
            return _name_of_signer(crypt32, store, message)
        finally:
            crypt32.CryptMsgClose(message)
            crypt32.CertCloseStore(store, 0)

    def _name_of_signer(
        crypt32: ctypes.WinDLL, store: ctypes.c_void_p, message: ctypes.c_void_p
    ) -> str:
        size = wintypes.DWORD()
        crypt32.CryptMsgGetParam(message, SIGNER_CERTIFICATE, 0, None, ctypes.byref(size))
        if not size.value:
            return ""
        wanted = ctypes.create_string_buffer(size.value)
        crypt32.CryptMsgGetParam(message, SIGNER_CERTIFICATE, 0, wanted, ctypes.byref(size))
        certificate = crypt32.CertFindCertificateInStore(
            store, ENCODINGS, 0, BY_SUBJECT, wanted, None
        )
        if not certificate:
            return ""
        try:
            name = ctypes.create_unicode_buffer(256)
            crypt32.CertGetNameStringW(certificate, SIMPLE_NAME, 0, None, name, len(name))
            return name.value
        finally:
            crypt32.CertFreeCertificateContext(certificate)

    def _crypt32() -> ctypes.WinDLL:
        pointer, number = ctypes.c_void_p, wintypes.DWORD
        crypt32 = ctypes.WinDLL("crypt32", use_last_error=True)
        crypt32.CryptQueryObject.argtypes = (
            number, pointer, number, number, number,
            pointer, pointer, pointer, pointer, pointer, pointer,
        )  # fmt: skip
        crypt32.CryptMsgGetParam.argtypes = (pointer, number, number, pointer, pointer)
        crypt32.CryptMsgClose.argtypes = (pointer,)
        crypt32.CertCloseStore.argtypes = (pointer, number)
        crypt32.CertFindCertificateInStore.argtypes = (
            pointer, number, number, number, pointer, pointer,
        )  # fmt: skip
        crypt32.CertFindCertificateInStore.restype = pointer
        crypt32.CertGetNameStringW.argtypes = (
            pointer, number, number, pointer, wintypes.LPWSTR, number,
        )  # fmt: skip
        crypt32.CertFreeCertificateContext.argtypes = (pointer,)
        return crypt32
