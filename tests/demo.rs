//! The demo, run as a newcomer runs it.

use std::process::Command;

#[test]
fn the_demo_holds_and_keeps_what_it_was_asked_to() {
    let dir = tempfile::tempdir().unwrap();
    let kept = dir.path().join("kept");
    let output = Command::new(env!("CARGO_BIN_EXE_sealdrop")).arg("demo").arg("--keep").arg(&kept).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.lines().last().unwrap().starts_with("Everything held: 13 of 13 proofs"), "{said}");
    assert!(!said.contains("BROKEN"));
    let photo = include_bytes!("../src/cli/demo/photos/letter.heic");
    assert_eq!(std::fs::read(kept.join("decrypted/3-03-photo.heic")).unwrap(), photo);
    assert!(kept.join("data/store.redb").exists() && kept.join("sealdrop.toml").exists());
}
