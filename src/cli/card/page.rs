//! The card as a page of HTML to be printed: everything is in the one file, nothing is fetched.

use super::{Failure, words::Words};
use crate::control::CaseView;
use qrcode::{EcLevel, QrCode, render::svg};

const STYLE: &str = "\
@page { size: auto; margin: 15mm }
body { font: 16pt/1.4 sans-serif; color: #000; background: #fff; max-width: 42em; margin: 2em auto; padding: 0 1em }
section { page-break-inside: avoid; margin-bottom: 3em }
h1 { font-size: 22pt; margin: 0 0 .5em }
.address { font: bold 26pt/1.2 monospace; border: 3px solid #000; border-radius: 8px; padding: .5em; text-align: center; \
overflow-wrap: anywhere }
.address small { font-size: 18pt }
.how { display: flex; gap: 1.5em; align-items: flex-start }
.how ol { flex: 1; padding-left: 1.2em }
.how li { margin-bottom: .4em }
figure { margin: 1em 0; width: 11em; text-align: center; font-size: 12pt }
figure svg { width: 11em; height: 11em }
.private { font-weight: bold }";

/// The card in these languages.
pub fn html(case: &CaseView, spoken: &[&Words]) -> Result<String, Failure> {
    let square = square(&case.address)?;
    let sections: Vec<_> = spoken.iter().map(|words| section(&case.address, &square, words)).collect();
    let title = spoken.first().map_or("", |words| words.title);
    Ok(format!(
        "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<style>\n{STYLE}\n</style>\n{}\n</html>\n",
        spoken.first().map_or("en", |words| words.code),
        sections.join("\n"),
    ))
}

fn section(address: &str, square: &str, words: &Words) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let steps: Vec<_> = words.steps.iter().map(|step| format!("<li>{step}</li>")).collect();
    format!(
        "<section lang=\"{}\">\n<h1>{}</h1>\n<p class=\"address\">{}<small>@{}</small></p>\n<div class=\"how\"><ol>\n{}\n</ol>\n\
         <figure>{square}<figcaption>{}</figcaption></figure></div>\n<p>{}</p>\n<p class=\"private\">{}</p>\n</section>",
        words.code,
        words.title,
        escape(local),
        escape(domain),
        steps.join("\n"),
        words.scan,
        words.answer,
        words.private,
    )
}

/// A QR code (ISO 18004) that opens a new mail to `address`. A quarter of it may be dirty or torn.
fn square(address: &str) -> Result<String, Failure> {
    let link = format!("mailto:{address}");
    let code = QrCode::with_error_correction_level(link, EcLevel::Q)
        .map_err(|_| Failure::failed("the address is too long for a QR code; print the card as text, without --out"))?;
    let drawn = code.render::<svg::Color>().min_dimensions(220, 220).build();
    // Within a page, the XML declaration has no place.
    Ok(drawn.split_once("?>").map_or(drawn.as_str(), |(_, svg)| svg).to_owned())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
