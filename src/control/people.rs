//! The admins' Unix names, which the trail records. A name comes from the kernel's word on who is at the other end of the
//! socket, never from what a request says.

use std::os::unix::fs::MetadataExt;

/// The user name of `uid`: from /etc/passwd, or `uid N` when it is not there.
pub(super) fn name_of(uid: u32) -> String {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_in(&passwd, uid).unwrap_or_else(|| format!("uid {uid}"))
}

/// The user name of `uid` in the text of a passwd file (passwd(5): name, password, uid, …).
fn name_in(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let found: u32 = fields.nth(1)?.parse().ok()?;
        (found == uid && !name.is_empty()).then(|| name.to_owned())
    })
}

/// The user name under which this process runs.
pub fn this_user() -> String {
    this_uid().map_or_else(|| "unknown".to_owned(), name_of)
}

/// The user id under which this process runs.
pub(super) fn this_uid() -> Option<u32> {
    std::fs::metadata("/proc/self").ok().map(|process| process.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_its_number() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nbroken\nsealdrop:x:998:998::/var/lib/sealdrop:/bin/false\n";
        assert_eq!(name_in(passwd, 998).as_deref(), Some("sealdrop"));
        assert_eq!(name_in(passwd, 0).as_deref(), Some("root"));
        assert_eq!(name_in(passwd, 99), None);
    }
}
