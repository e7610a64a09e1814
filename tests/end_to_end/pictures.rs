//! Photos that are measured while they come in, through the real door.

use crate::support::{
    agency::mail_with,
    office::{CLIENT, Office},
};

/// A PNG of lines like writing, or of the same with all edges washed out.
fn page(sharp: bool) -> Vec<u8> {
    const SIDE: usize = 640;
    let wave = |at: usize, length: f32| (at as f32 * std::f32::consts::TAU / length).sin();
    let soft = |x: usize, y: usize| 128.0 + 90.0 * wave(x, 40.0) * wave(y, 44.0);
    let grey = |x: usize, y: usize| {
        if sharp && soft(x, y) > 128.0 {
            250
        } else if sharp {
            20
        } else {
            soft(x, y) as u8
        }
    };
    // A camera's noise: without it the sharp one packs into so few bytes that it counts as decoration.
    let noise = |at: usize| ((at as u32).wrapping_mul(2_654_435_761) >> 27) as u8 % 5;
    let grey: Vec<u8> = (0..SIDE * SIDE).map(|at| grey(at % SIDE, at / SIDE) + noise(at)).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIDE as u32, SIDE as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&grey).unwrap();
    file
}

fn two_pages() -> Vec<u8> {
    mail_with("hello", &[("a.png", "image/png", &page(true)), ("b.png", "image/png", &page(false))])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blurred_photo_is_told_where_the_admin_wants_it() {
    let office = Office::open("[intake]\npicture_care = \"sharpness\"\n").await;
    let id = office.mail_as(CLIENT, &two_pages()).await;
    let findings = office.agency.json(&["message", "show", &id])["findings"].clone();
    assert_eq!(findings["troubles"].to_string(), r#"[{"document":2,"what":"blurred"}]"#);
    assert_eq!(findings["documents"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_measured_unless_the_admin_wants_it() {
    let office = Office::open("").await;
    let id = office.mail_as(CLIENT, &two_pages()).await;
    let findings = office.agency.json(&["message", "show", &id])["findings"].clone();
    assert_eq!(findings["troubles"].to_string(), "[]");
}

/// A file that is one photo and no more: its last byte is the mail's.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_photo_of_a_mail_is_measured_too() {
    let office = Office::open("[intake]\npicture_care = \"sharpness\"\n").await;
    let body = sealdrop::armor::base64(&page(false));
    let lines: Vec<&str> = body.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
    let head = "Message-ID: <1@client.example>\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64";
    let id = office.mail_as(CLIENT, format!("{head}\r\n\r\n{}\r\n", lines.join("\r\n")).as_bytes()).await;
    let findings = office.agency.json(&["message", "show", &id])["findings"].clone();
    assert_eq!(findings["flags"].to_string(), r#"["blurred"]"#);
}
