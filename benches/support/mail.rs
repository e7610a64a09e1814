//! Mails as phones send them: a few words and photos, base64 in lines of 76 columns, every mail another one.

use super::random::Random;
use sealdrop::armor::Base64Lines;

/// Bytes of one photo at most, as a telephone makes it; a larger mail has several.
const PHOTO: usize = 3 * 1024 * 1024;

/// A mail of about `size` bytes (never less than a few hundred), unlike the mail of any other `seed`.
pub fn photo_mail(size: usize, seed: u64, to: &str) -> Vec<u8> {
    let mut random = Random::new(seed);
    let boundary = format!("photos-{:016x}", random.next());
    let mut mail = head(to, &boundary, seed).into_bytes();
    mail.reserve(size + 4096);
    let mut photo = Vec::new();
    for number in 1.. {
        let left = size.saturating_sub(mail.len() + 300) / 78 * 57;
        if left == 0 {
            break;
        }
        fill_photo(&mut photo, left.min(PHOTO), &mut random);
        mail.extend(photo_head(&boundary, number).into_bytes());
        let mut lines = Base64Lines::new();
        lines.push(&photo, &mut mail);
        lines.finish(&mut mail);
    }
    mail.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
    mail
}

fn head(to: &str, boundary: &str, seed: u64) -> String {
    format!(
        "From: Ana <ana@client.example>\r\nTo: <{to}>\r\nSubject: my papers {seed}\r\n\
         Date: Wed, 25 Nov 2026 03:08:54 +0000\r\nMessage-ID: <{boundary}.{seed}@client.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n\
         --{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHere are my papers.\r\n"
    )
}

fn photo_head(boundary: &str, number: usize) -> String {
    format!(
        "\r\n--{boundary}\r\nContent-Type: image/jpeg; name=\"IMG_{number}.jpg\"\r\n\
         Content-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"IMG_{number}.jpg\"\r\n\r\n"
    )
}

/// Random bytes that begin as a JPEG does.
fn fill_photo(photo: &mut Vec<u8>, length: usize, random: &mut Random) {
    const BEGINNING: &[u8] = b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01";
    photo.resize(length, 0);
    random.fill(photo);
    let start = BEGINNING.len().min(length);
    photo[..start].copy_from_slice(&BEGINNING[..start]);
}
