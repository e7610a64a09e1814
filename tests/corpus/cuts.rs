//! However a message is cut into pieces on its way, its layout is the same.

use crate::{
    laying::{lay_out, lay_out_pieces},
    manifest::rows,
};
use sealdrop::mime::Limits;

#[test]
fn every_message_is_laid_out_the_same_however_it_is_cut() {
    for row in rows("message").unwrap_or_default() {
        let pieces: Vec<&[u8]> = row.bytes.chunks(997).collect();
        let (whole, cut) = (lay_out(&row.bytes), lay_out_pieces(&pieces, "ana@example.com", Limits::default()));
        assert!(whole.bytes == cut.bytes, "{}", row.file);
        assert_eq!(whole.findings, cut.findings, "{}", row.file);
    }
}
