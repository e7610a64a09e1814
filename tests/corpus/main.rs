//! Real mail.
#[path = "../layout/support.rs"]
mod support;
mod manifest;

#[test]
fn recount() {
    let mut n = 0;
    for row in manifest::rows("message").unwrap() {
        let laid = support::lay_out(&row.bytes);
        let crlf: Vec<u8> = { let s: Vec<u8> = row.bytes.clone(); let mut out=vec![]; let mut l=0; for b in s { if b==b'\n' && l!=b'\r' {out.push(b'\r')} out.push(b); l=b;} out };
        for (how, laid) in [("raw", laid), ("crlf", support::lay_out(&crlf))] {
            let mut got: Vec<(String, usize, String)> = laid.documents().iter().map(|d| (d.sha256.to_string(), d.size, d.name.clone())).collect();
            got.sort();
            let g: std::collections::BTreeSet<_> = got.iter().map(|d| d.0.clone()).collect();
            let e: std::collections::BTreeSet<_> = row.documents.iter().map(|d| d.sha256.clone()).collect();
            if g != e {
                n += 1;
                println!("{how} {} [{}] {}", row.file, row.confidence, row.tests);
                for d in row.documents.iter().filter(|d| !g.contains(&d.sha256)) { println!("   - {} {} {}", d.media_type, d.size, &d.sha256[..8]) }
                for d in got.iter().filter(|d| !e.contains(&d.0)) { println!("   + {} {} {}", d.2, d.1, &d.0[..8]) }
            }
        }
    }
    println!("{n}");
}
