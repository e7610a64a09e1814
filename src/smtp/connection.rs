//! Connection.
/// x
pub struct Listener {}
/// x
pub fn serve_connection() {}
