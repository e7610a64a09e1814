//! The formats that can be told apart, and how each is called, to programs and to people.

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::intake::layout) enum Format {
    Jpeg,
    Png,
    Gif,
    Bmp,
    WebP,
    Tiff,
    Heic,
    Avif,
    Svg,
    Pdf,
    Docx,
    Xlsx,
    Pptx,
    MacroOffice,
    Odt,
    Ods,
    Pages,
    OldOffice,
    Doc,
    Xls,
    Ppt,
    OutlookMessage,
    Rtf,
    Zip,
    Archive,
    Mp4,
    Mov,
    ThreeGp,
    M4a,
    Mp3,
    Amr,
    Wav,
    Ogg,
    Text,
    Csv,
    Html,
    Vcard,
    Calendar,
    Mail,
    Pgp,
    Tnef,
    Program,
    Unknown,
}

/// What a format's bytes are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::intake::layout) enum Family {
    /// Bytes with a signature that words cannot have by chance.
    Binary,
    /// Might as well be words.
    Text,
    /// Nobody knows.
    Unknown,
}

/// How a format is called.
pub(in crate::intake::layout) struct Called {
    pub(in crate::intake::layout) media_type: &'static str,
    /// The word in a generated name.
    pub(in crate::intake::layout) noun: &'static str,
    pub(in crate::intake::layout) extension: &'static str,
    /// For people.
    pub(in crate::intake::layout) words: &'static str,
}

impl Format {
    /// What may run is renamed, so that opening it by mistake runs nothing: programs to `.bin`, pages and drawings, which a
    /// browser would run scripts of, to `.txt`.
    pub(in crate::intake::layout) fn called(self) -> Called {
        let (media_type, noun, extension, words) = match self {
            Self::Jpeg => ("image/jpeg", "photo", "jpg", "photo (JPEG)"),
            Self::Png => ("image/png", "picture", "png", "picture (PNG)"),
            Self::Gif => ("image/gif", "picture", "gif", "picture (GIF)"),
            Self::Bmp => ("image/bmp", "picture", "bmp", "picture (BMP)"),
            Self::WebP => ("image/webp", "picture", "webp", "picture (WebP)"),
            Self::Tiff => ("image/tiff", "scan", "tiff", "scan or fax (TIFF)"),
            Self::Heic => ("image/heic", "photo", "heic", "photo (HEIC, from an iPhone)"),
            Self::Avif => ("image/avif", "photo", "avif", "photo (AVIF)"),
            Self::Svg => ("application/octet-stream", "drawing", "svg.txt", "drawing (SVG)"),
            Self::Pdf => ("application/pdf", "document", "pdf", "PDF document"),
            Self::Docx => (DOCX, "document", "docx", "Word document"),
            Self::Xlsx => (XLSX, "table", "xlsx", "Excel table"),
            Self::Pptx => (PPTX, "slides", "pptx", "PowerPoint slides"),
            Self::MacroOffice => ("application/octet-stream", "office", "bin", "Office document with macros"),
            Self::Odt => ("application/vnd.oasis.opendocument.text", "document", "odt", "OpenDocument text"),
            Self::Ods => ("application/vnd.oasis.opendocument.spreadsheet", "table", "ods", "OpenDocument table"),
            Self::Pages => ("application/vnd.apple.pages", "document", "pages", "Pages document"),
            Self::OldOffice | Self::Doc => ("application/msword", "document", "doc", "Word document (old format)"),
            Self::Xls => ("application/vnd.ms-excel", "table", "xls", "Excel table (old format)"),
            Self::Ppt => ("application/vnd.ms-powerpoint", "slides", "ppt", "PowerPoint slides (old format)"),
            Self::OutlookMessage => ("application/vnd.ms-outlook", "message", "msg", "Outlook message"),
            Self::Rtf => ("application/rtf", "document", "rtf", "RTF document"),
            Self::Zip => ("application/zip", "archive", "zip", "zip archive"),
            Self::Archive => ("application/octet-stream", "archive", "bin", "archive"),
            Self::Mp4 => ("video/mp4", "video", "mp4", "video (MP4)"),
            Self::Mov => ("video/quicktime", "video", "mov", "video (QuickTime)"),
            Self::ThreeGp => ("video/3gpp", "video", "3gp", "video (3GP)"),
            Self::M4a => ("audio/mp4", "recording", "m4a", "sound recording (M4A)"),
            Self::Mp3 => ("audio/mpeg", "recording", "mp3", "sound recording (MP3)"),
            Self::Amr => ("audio/amr", "recording", "amr", "sound recording (AMR)"),
            Self::Wav => ("audio/wav", "recording", "wav", "sound recording (WAV)"),
            Self::Ogg => ("audio/ogg", "recording", "ogg", "sound recording (Ogg)"),
            Self::Text => ("text/plain", "text", "txt", "plain text"),
            Self::Csv => ("text/csv", "table", "csv", "table (CSV)"),
            Self::Html => ("application/octet-stream", "page", "html.txt", "web page"),
            Self::Vcard => ("text/vcard", "contact", "vcf", "contact card"),
            Self::Calendar => ("application/ics", "appointment", "ics", "calendar entry"),
            Self::Mail => ("text/plain", "message", "eml.txt", "mail message"),
            Self::Pgp => ("application/octet-stream", "encrypted", "asc", "text encrypted by its sender"),
            Self::Tnef => ("application/ms-tnef", "outlook", "dat", "Outlook container (winmail.dat)"),
            Self::Program => ("application/octet-stream", "program", "bin", "PROGRAM or script"),
            Self::Unknown => ("application/octet-stream", "file", "bin", "file of an unknown kind"),
        };
        Called { media_type, noun, extension, words }
    }

    pub(in crate::intake::layout) fn family(self) -> Family {
        match self {
            Self::Text | Self::Csv | Self::Html | Self::Vcard | Self::Calendar | Self::Mail | Self::Svg => Family::Text,
            // A script in a body is words; a program's bytes are never taken for words because of their NULs.
            Self::Program | Self::Unknown => Family::Unknown,
            _ => Family::Binary,
        }
    }

    /// Whether opening it may run something of the sender's.
    pub(in crate::intake::layout) fn may_run(self) -> bool {
        matches!(self, Self::Program | Self::MacroOffice | Self::Html | Self::Svg)
    }

    /// Whether its name in the layout says less than it is, so that opening it by mistake runs nothing.
    pub(in crate::intake::layout) fn is_renamed(self) -> bool {
        matches!(self, Self::Program | Self::MacroOffice)
    }

    /// Whether it is a picture that most mail programs cannot show.
    pub(in crate::intake::layout) fn is_seldom_shown(self) -> bool {
        matches!(self, Self::Heic | Self::Tiff)
    }

    /// Whether it is of the kinds that serve as decoration (mail-rules section 2, rule 5). Never a JPEG.
    pub(in crate::intake::layout) fn may_decorate(self) -> bool {
        matches!(self, Self::Gif | Self::Png | Self::Bmp)
    }
}

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
