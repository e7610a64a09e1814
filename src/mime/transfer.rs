//! Transfer encodings (RFC 2045, section 6), undone in stream: base64, quoted-printable, 7bit, 8bit, binary, uuencode as a CTE.
