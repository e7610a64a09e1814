//! Any bytes as a message whose sender is examined: no panic, and the same header and digests whatever the pieces.

use sealdrop::senders::Examination;

/// What holds for any message.
pub fn holds(message: &[u8]) {
    let examined = |piece: usize| {
        let mut examination = Examination::default();
        message.chunks(piece).for_each(|piece| examination.push(piece));
        examination.end()
    };
    let whole = examined(message.len().max(1));
    for piece in [1, 7, 4096] {
        assert!(whole.agrees_with(&examined(piece)));
    }
}
