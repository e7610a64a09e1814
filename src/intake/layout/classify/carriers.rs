//! The logos that mobile carriers put into the mail which they make of a picture message (mail-rules section 2, rule 5a).
//! Data, and how it is looked up. A logo counts as one only in mail from its own carrier's domain and under its known name:
//! the same bytes or the same name from anybody else are a document.
//!
//! Sources: the carriers' mails in the corpus (`mms2r/`), and the lists of ignored parts that the library mms2r keeps for each
//! carrier (`conf/*.yml`, MIT). Verizon, AT&T, Sprint, Nextel, US Cellular, Cricket and Telus send no pictures of their own in
//! any of them: Sprint sends a link (`links`), the others words.

/// A carrier that decorates its mail. Names are in lower case and without directories.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::intake::layout) struct Carrier {
    /// Domains that its mail comes from; their subdomains too.
    domains: &'static [&'static str],
    /// File names, Content-Locations or Content-IDs of its logos, whatever kind of picture they are.
    logos: &'static [&'static str],
    /// Its GIFs without a name are decoration as well.
    unnamed_gifs: bool,
}

#[rustfmt::skip]
const CARRIERS: &[Carrier] = &[
    // T-Mobile: tmobile-image-01.mail, -02.mail, mmsreply.t-mobile.co.uk-text-image-01.mail; conf/tmomail.net.yml.
    Carrier {
        domains: &["tmomail.net", "mmsreply.t-mobile.co.uk", "tmo.blackberry.net"],
        logos: &[
            "audio.gif", "dottedline350.gif", "dottedline600.gif", "dottedline_350.gif", "dottedline_600.gif", "logo.jpg",
            "masthead.jpg", "spacer.gif", "tmobilelogo.gif", "tmobilespace.gif", "video.gif",
        ],
        unnamed_gifs: false,
    },
    // Alltel: alltel-image-01.mail; conf/mms.alltel.com.yml.
    Carrier {
        domains: &["mms.alltel.com", "message.alltel.com"],
        logos: &["alltel_logo.jpg", "bluebar.gif", "divider.gif", "greenbar.gif", "header.gif", "spacer.gif"],
        unnamed_gifs: false,
    },
    // Rogers: rogers-canada-mms-01.mail, ten GIFs without names around two photos; conf/rci.rogers.com.yml.
    Carrier { domains: &["rci.rogers.com", "mms.rogers.com", "pcs.rogers.com"], logos: &[], unnamed_gifs: true },
    // Bell: bell-canada-image-01.mail, six GIFs without names around one photo.
    Carrier { domains: &["txt.bell.ca", "mms.bell.ca", "txt.bellmobility.ca"], logos: &[], unnamed_gifs: true },
    // SaskTel: conf/sms.sasktel.com.yml.
    Carrier { domains: &["sasktel.com"], logos: &[], unnamed_gifs: true },
    // Helio: helio-image-01.mail; conf/mms.myhelio.com.yml.
    Carrier { domains: &["mms.myhelio.com"], logos: &["bottom.gif", "middle_img.gif", "top.gif"], unnamed_gifs: false },
    // Three in Ireland and the United Kingdom: 3ireland-mms-01.mail, three-uk-image-01.mail; conf/mms.3ireland.ie.yml.
    Carrier {
        domains: &["mms.3ireland.ie", "mms.three.co.uk"],
        logos: &["reb.jpg", "tpm.jpg", "vf5.jpg", "vf9.gif"],
        unnamed_gifs: false,
    },
    // LuxGSM: luxgsm-image-01.mail; conf/mms.luxgsm.lu.yml.
    Carrier { domains: &["mms.luxgsm.lu"], logos: &["vodafone logo"], unnamed_gifs: false },
    // Maroc Telecom: maroctelecom-france-mms-01.mail; conf/mms.mobileiam.ma.yml.
    Carrier {
        domains: &["mms.mobileiam.ma"],
        logos: &["footer.gif", "html_default_slide_header.jpg", "jalwapam.gif", "reply.gif"],
        unnamed_gifs: false,
    },
];

impl Carrier {
    /// The carrier whose domain one of the addresses in `text` is in: a reverse-path, or a From field as it was written.
    pub(in crate::intake::layout) fn of(text: &str) -> Option<&'static Self> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        text.split('@').skip(1).find_map(|after| {
            let domain = after.split(|c| !is_part(c)).next().unwrap_or_default();
            CARRIERS.iter().find(|carrier| carrier.domains.iter().any(|known| is_within(domain, known)))
        })
    }

    /// Whether a picture that is called by these names is its logo.
    pub(super) fn decorates<'a>(&self, is_gif: bool, names: impl Iterator<Item = &'a str>) -> bool {
        let mut unnamed = true;
        for name in names {
            unnamed = false;
            let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
            if self.logos.iter().any(|logo| logo.eq_ignore_ascii_case(last)) {
                return true;
            }
        }
        unnamed && is_gif && self.unnamed_gifs
    }
}

/// Whether `domain` is `known` or below it.
fn is_within(domain: &str, known: &str) -> bool {
    let Some(start) = domain.len().checked_sub(known.len()) else { return false };
    let (before, tail) = domain.as_bytes().split_at(start);
    tail.eq_ignore_ascii_case(known.as_bytes()) && before.last().is_none_or(|byte| *byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decorates(from: &str, is_gif: bool, names: &[&str]) -> bool {
        Carrier::of(from).is_some_and(|carrier| carrier.decorates(is_gif, names.iter().copied()))
    }

    #[test]
    fn every_logo_is_known_at_its_own_carrier_only() {
        for carrier in CARRIERS {
            for domain in carrier.domains {
                let from = format!("\"x\" <15551234567/TYPE=PLMN@{domain}>");
                assert!(Carrier::of(&from) == Some(carrier), "{domain}");
                assert!(carrier.logos.iter().all(|logo| decorates(&from, false, &[&format!("images/{logo}")])));
                assert_eq!(decorates(&from, true, &[]), carrier.unnamed_gifs);
                assert!(!decorates(&from, false, &[]) && !decorates(&from, true, &["IMG_1.gif"]));
            }
            assert!(carrier.logos.iter().all(|logo| !decorates("ana@example.com", false, &[logo])));
            assert!(carrier.logos.iter().all(|logo| logo.to_lowercase() == *logo && logo.is_ascii()));
        }
    }

    #[test]
    fn domains_are_compared_whole() {
        assert!(Carrier::of("1@cdma.SaskTel.com").is_some());
        for other in ["1@tmomail.net.example.com", "1@mytmomail.net", "tmomail.net", "", "@", "1@net"] {
            assert!(Carrier::of(other).is_none(), "{other}");
        }
    }
}
