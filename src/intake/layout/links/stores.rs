//! Where links lead that stand for files. Data only.
//!
//! Sources: the mails of the corpus (Sprint, Nextel, Rogers, Bell, Vodacom; Gmail's Drive links) and the addresses under which
//! the services themselves hand out links. A host is divided at its first dot, so that it is found with memory's help alone.

/// A service that files are left with.
pub(super) struct Store {
    /// The host up to its first dot; hosts that end so (`x.sharepoint.com`) are meant, too.
    pub(super) host: &'static str,
    /// The rest of the host, and how the path starts.
    pub(super) rest: &'static str,
    /// A page on which one message is shown, and which is mentioned in mail that carries its files, too.
    pub(super) page: bool,
}

const fn store(host: &'static str, rest: &'static str) -> Store {
    Store { host, rest, page: false }
}

const fn page(host: &'static str, rest: &'static str) -> Store {
    Store { host, rest, page: true }
}

#[rustfmt::skip]
pub(super) const STORES: &[Store] = &[
    // Google: Gmail puts a Drive link in place of more than 25 MB.
    store("drive", ".google.com/"), store("docs", ".google.com/"), store("photos", ".google.com/"),
    store("photos", ".app.goo.gl/"), store("goo", ".gl/photos/"), store("drive", ".usercontent.google.com/"),
    // Apple: Mail Drop, above 20 MB, for 30 days; shared albums and folders.
    store("icloud", ".com/attachment"), store("icloud", ".com/photos"), store("icloud", ".com/sharedalbum"),
    store("icloud", ".com/iclouddrive"), store("share", ".icloud.com/"), store("cvws", ".icloud-content.com/"),
    // Microsoft.
    store("1drv", ".ms/"), store("onedrive", ".live.com/"), store("sharepoint", ".com/"),
    // Dropbox and Box.
    store("dropbox", ".com/s/"), store("dropbox", ".com/scl/"), store("dropbox", ".com/sh/"), store("dropbox", ".com/t/"),
    store("dropbox", ".com/l/"), store("db", ".tt/"), store("dropboxusercontent", ".com/"), store("box", ".com/s/"),
    store("box", ".com/v/"),
    // Samsung's and Amazon's phones and albums.
    store("linksharing", ".samsungcloud.com/"), store("quickshare", ".samsungcloud.com/"), store("amazon", ".com/photos/"),
    // Adobe's scanner and documents.
    store("acrobat", ".adobe.com/"), store("documentcloud", ".adobe.com/link/"), store("adobe", ".ly/"),
    // Services for large files.
    store("we", ".tl/"), store("wetransfer", ".com/downloads/"), store("mega", ".nz/"), store("mediafire", ".com/"),
    store("swisstransfer", ".com/d/"), store("transfernow", ".net/dl/"), store("filemail", ".com/"),
    store("fromsmash", ".com/"), store("sendgb", ".com/"), store("hightail", ".com/"), store("pcloud", ".link/"),
    store("drive", ".proton.me/urls/"),
    // Carriers that send a link to the picture: sprint-*.mail, nextel-image-*.mail, rogers-canada-mms-01.mail,
    // bell-canada-image-01.mail, vodacom4me-*.mail; PLS Pictures by mms2r's conf/waw.plspictures.com.yml.
    page("pictures", ".sprintpcs.com/"), page("pictures", ".sprint.com/"), page("mms", ".nextel.com/"),
    page("picturemessaging", ".rogers.com/"), page("mypictures", ".bell.ca/"), page("mms", ".vodacom4me.co.za/"),
    page("mms", ".gocbw.com:80/"), page("plspictures", ".com/"),
    // Fax services: a setting of most of them sends a notice with a link in place of the fax.
    page("efax", ".com/"), page("myfax", ".com/"), page("metrofax", ".com/"), page("srfax", ".com/"),
    page("trustfax", ".com/"), page("faxage", ".com/"), page("fax", ".plus/"), page("hellofax", ".com/"),
    page("sfaxme", ".com/"), page("interfax", ".net/"), page("ringcentral", ".com/"),
];

#[cfg(test)]
mod tests {
    use super::{super::Links, *};

    /// A link of each service, as it hands them out, in the order of the table.
    #[rustfmt::skip]
    const LINKS: &[&str] = &[
        "https://drive.google.com/file/d/1AbC/view?usp=drive_web", "https://docs.google.com/document/d/1AbC/edit",
        "https://photos.google.com/share/AF1Q", "https://photos.app.goo.gl/aBc12", "https://goo.gl/photos/aBc12",
        "https://drive.usercontent.google.com/download?id=1AbC",
        "https://www.icloud.com/attachment/?u=https%3A%2F%2Fcvws", "https://www.icloud.com/photos/#0aB", 
        "https://www.icloud.com/sharedalbum/#B0a", "https://www.icloud.com/iclouddrive/0aB#IMG",
        "https://share.icloud.com/photos/0aB", "https://cvws.icloud-content.com/B/AaBb",
        "https://1drv.ms/i/s!AaBb", "https://onedrive.live.com/redir?resid=1", "https://ana-my.sharepoint.com/:i:/g/personal/",
        "https://www.dropbox.com/s/ab12/a.jpg?dl=0", "https://www.dropbox.com/scl/fi/ab12/a.jpg", 
        "https://www.dropbox.com/sh/ab12", "https://www.dropbox.com/t/ab12", "https://www.dropbox.com/l/scl/ab12",
        "https://db.tt/ab12", "https://dl.dropboxusercontent.com/s/ab12", "https://app.box.com/s/ab12", "https://app.box.com/v/ab12",
        "https://linksharing.samsungcloud.com/ab12", "https://quickshare.samsungcloud.com/ab12",
        "https://www.amazon.com/photos/share/ab12",
        "https://acrobat.adobe.com/id/urn:aaid:sc:US:1", "https://documentcloud.adobe.com/link/track?uri=urn", "https://adobe.ly/3aB",
        "https://we.tl/t-aB12", "https://wetransfer.com/downloads/ab12", "https://mega.nz/file/aB", 
        "https://www.mediafire.com/file/ab12", "https://www.swisstransfer.com/d/ab12", "https://www.transfernow.net/dl/ab12",
        "https://www.filemail.com/d/ab12", "https://fromsmash.com/ab12", "https://sendgb.com/ab12", 
        "https://spaces.hightail.com/receive/ab12", "https://u.pcloud.link/publink/show?code=ab12",
        "https://drive.proton.me/urls/AB12#x",
        "http://pictures.sprintpcs.com/?mivt=helloworld&shareName=MMS", "http://pictures.sprint.com/pictures/", 
        "http://mms.nextel.com/mms/anon/do/legacy/viewDirect?id=1", "http://picturemessaging.rogers.com/do/displayLogin",
        "http://mypictures.bell.ca/do/home", "http://mms.vodacom4me.co.za/do/viewDirect?sender=1",
        "http://mms.gocbw.com:80/do/legacy/viewDirect?sender=1", "http://waw.plspictures.com/view",
        "https://www.efax.com/myaccount/message", "https://www.myfax.com/inbox", "https://www.metrofax.com/inbox",
        "https://www.srfax.com/SRF_FaxView.php", "https://www.trustfax.com/view", "https://www.faxage.com/view", 
        "https://app.fax.plus/faxes/inbox", "https://www.hellofax.com/view", "https://app.sfaxme.com/inbox",
        "https://secure.interfax.net/inbox", "https://service.ringcentral.com/fax/1",
    ];

    fn found(text: &str) -> Option<bool> {
        let mut links = Links::new();
        links.push(text);
        links.store().then_some(false).or(links.page().then_some(true))
    }

    #[test]
    fn every_service_is_found_by_a_link_of_its_own() {
        assert_eq!(STORES.len(), LINKS.len());
        for (store, link) in STORES.iter().zip(LINKS) {
            assert!(
                link.contains(&format!("{}{}", store.host, store.rest)),
                "{link} is no link of {}{}",
                store.host,
                store.rest
            );
            for text in [format!("see {link} soon"), format!("<{link}>"), link.to_uppercase()] {
                assert_eq!(found(&text), Some(store.page), "{text}");
            }
            // In another domain, and as the end of another name.
            let rest = store.rest.split(['/', ':']).next().unwrap();
            assert_eq!(found(&format!("https://{}{rest}.example.com/", store.host)), None);
            assert_eq!(found(&format!("https://my{}{}", store.host, store.rest)), None);
        }
    }
}
