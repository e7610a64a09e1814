//! What the card says, in each language: short sentences, simple words.

/// The card's words in one language.
pub struct Words {
    /// ISO 639-1.
    pub code: &'static str,
    pub title: &'static str,
    pub steps: [&'static str; 4],
    pub scan: &'static str,
    pub answer: &'static str,
    pub private: &'static str,
}

/// All languages that the card speaks.
pub const ALL: [Words; 2] = [
    Words {
        code: "en",
        title: "Send photos of your papers to this address",
        steps: [
            "Take one clear photo of each page. The whole page must be in it.",
            "Write a new email to the address above.",
            "Attach the photos: 5 or fewer in one email. Send more emails for more photos.",
            "Press send.",
        ],
        scan: "Or point your phone's camera at the square: it opens a new email.",
        answer: "You get a short answer that says how many files came. No answer in one hour? Please call us.",
        private: "Only the people who work on your case can open what you send. This address is for you alone.",
    },
    Words {
        code: "es",
        title: "Mande fotos de sus papeles a esta dirección",
        steps: [
            "Tome una foto clara de cada página. Se debe ver toda la página.",
            "Escriba un correo electrónico nuevo a la dirección de arriba.",
            "Adjunte las fotos: 5 o menos en cada correo. Si tiene más fotos, mande más correos.",
            "Toque «Enviar».",
        ],
        scan: "O apunte la cámara del teléfono al cuadro: se abre un correo nuevo.",
        answer: "Va a recibir una respuesta corta que dice cuántos archivos llegaron. ¿No llega en una hora? Llámenos, por favor.",
        private: "Solo las personas que trabajan en su caso pueden abrir lo que manda. Esta dirección es solo para usted.",
    },
];
