//! The at-rest key is taken only from a file that its owner alone can read, outside the data directory.

use sealdrop::{
    secret::AtRestKey,
    site::{SiteError, read_at_rest_key},
};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

fn write(path: &Path, content: &str, mode: u32) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_key_is_read_from_a_file_of_its_owners_alone_outside_the_data() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    let (file, hex) = (directory.path().join("at-rest.key"), "0f".repeat(32));
    assert!(matches!(read_at_rest_key(&file, &data), Err(SiteError::NoKey { .. })));
    write(&file, &format!("{hex}\n"), 0o600);
    let key = read_at_rest_key(&file, &data).unwrap();
    assert_eq!(key.tag("x", b"y"), AtRestKey::new(&[0x0f; 32]).tag("x", b"y"));
    for mode in [0o640, 0o604, 0o620] {
        write(&file, &hex, mode);
        assert!(matches!(read_at_rest_key(&file, &data), Err(SiteError::KeyExposed { .. })));
    }
    for wrong in ["", "0f", &"0g".repeat(32), &"0f".repeat(33)] {
        write(&file, wrong, 0o600);
        assert!(matches!(read_at_rest_key(&file, &data), Err(SiteError::NotAKey(_))));
    }
    let inside = data.join("at-rest.key");
    write(&inside, &hex, 0o600);
    assert!(matches!(read_at_rest_key(&inside, &data), Err(SiteError::KeyInsideData(_))));
}
