//! A full disk: the sender keeps the mail, nothing that was promised is lost, and all goes on when there is room again.

use crate::support::{
    agency::{eventually, mail_with},
    office::{ALICE, CLIENT, Office, armored, photo},
};
use std::{fs, path::PathBuf, process::Command};

/// A small file system of its own; unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None, with a notice, where mounting is not permitted.
    fn at(path: PathBuf, size: &str) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size},mode=0700"), "tmpfs"])
            .arg(&path)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(path));
        }
        eprintln!("NOTICE: no file system can be mounted here: the test of a full disk is skipped");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// An office whose data directory is on a small disk.
async fn office_on_a_small_disk(floor: &str) -> Option<(SmallDisk, Office)> {
    let office = Office::closed(&format!("[limits]\nmin_free_space = \"{floor}\"\n")).await;
    let (data, aside) = (office.agency.path("data"), office.agency.path("aside"));
    fs::rename(&data, &aside).unwrap();
    fs::create_dir(&data).unwrap();
    let disk = SmallDisk::at(data.clone(), "12m")?;
    let copied = Command::new("cp").args(["-a"]).arg(format!("{}/.", aside.display())).arg(&data).status().unwrap();
    assert!(copied.success());
    Some((disk, office))
}

#[tokio::test]
async fn below_the_floor_mail_is_put_off_before_it_comes_in() {
    let Some((_disk, mut office)) = office_on_a_small_disk("4 MiB").await else { return };
    office.agency.start();
    office.mail("while there is room").await;
    office.mails_to(ALICE, 1).await;
    let ballast = office.agency.path("data/ballast");
    fs::write(&ballast, vec![1; 8 << 20]).unwrap();
    let refused = eventually_refused(&office).await;
    assert!(refused.contains("452"), "{refused}");
    office.agency.must(&["audit", "verify"]);
    fs::remove_file(&ballast).unwrap();
    takes_mail_again(&office).await;
}

/// Without a floor the disk fills up in the middle of a message.
#[tokio::test]
async fn a_disk_that_fills_up_in_the_middle_loses_nothing() {
    let Some((_disk, mut office)) = office_on_a_small_disk("0 B").await else { return };
    office.agency.start();
    let id = office.mail("while there is room").await;
    office.mails_to(ALICE, 1).await;
    office.idle().await;
    let large = mail_with("too much", &[("IMG.jpg", "image/jpeg", &photo(1, 9 << 20))]);
    let refused = office.agency.send(CLIENT, &[&office.case], &large).await.unwrap_err().to_string();
    assert!(refused.contains("452") || refused.contains("451"), "{refused}");
    let spool: Vec<_> = fs::read_dir(office.agency.path("data/spool/tmp")).unwrap().collect();
    assert!(spool.is_empty(), "{spool:?} were left behind");
    let kept = office.agency.json(&["message", "list"]);
    assert_eq!((kept.as_array().unwrap().len(), kept[0]["id"].as_str()), (1, Some(id.as_str())));
    takes_mail_again(&office).await;
}

async fn eventually_refused(office: &Office) -> String {
    let mail = mail_with("no room", &[]);
    for _ in 0..100 {
        match office.agency.send("bo@client.example", &[&office.case], &mail).await {
            Err(error) => return error.to_string(),
            // The free space was measured a moment ago.
            Ok(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
    panic!("mail is taken on a full disk")
}

async fn takes_mail_again(office: &Office) {
    let before = office.agency.json(&["message", "list"]).as_array().unwrap().len();
    let mail = mail_with("room again", &[]);
    for _ in 0..100 {
        if office.agency.send("cy@client.example", &[&office.case], &mail).await.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(office.agency.json(&["message", "list"]).as_array().unwrap().len(), before + 1);
    eventually("the mail", || {
        let mails = office.server.mails();
        mails.iter().rev().filter(|mail| mail.to == [ALICE]).any(|mail| contains(office, &mail.text)).then_some(())
    })
    .await;
    office.agency.must(&["audit", "verify"]);
}

fn contains(office: &Office, mail: &str) -> bool {
    let opened = office.alice.decrypt(armored(mail).as_bytes());
    String::from_utf8_lossy(&opened.plain).contains("room again")
}
