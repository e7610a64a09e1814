#!/usr/bin/env python3
"""Opens a sealed mail in the real neomutt with the real gpg, in a terminal, as a caseworker would, and writes down what is seen.

    sealdrop demo --keep /tmp/demo
    tests/look/neomutt.py /tmp/demo alice@example.org /tmp/opened.txt

It makes a throw-away mailbox and key ring, imports the reader's secret key and the relay's certificate, opens the mail in a
terminal that nobody sees (tmux), and then the list of its parts. It fails when the mail is not shown as decrypted and well
signed, the client's words or the summary are missing, or the photos are not among the parts; each is saved from there
and compared with what the demo decrypted. It installs nothing: it needs neomutt, gpg and tmux (Debian: neomutt gnupg tmux). It
reaches no network.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

# A terminal so high that a whole mail fits.
WIDTH, HEIGHT = 120, 400

RC = """
set mbox_type=Maildir spoolfile="{box}" folder="{home}" record="" postponed=""
set crypt_use_gpgme=yes crypt_verify_sig=yes
set sort=date wait_key=no beep=no quit=yes pager_stop=yes markers=no
set pager_index_lines=0 attach_save_dir="{saved}"
set mailcap_path="/dev/null"
"""


class Terminal:
    """neomutt in a terminal of its own."""

    def __init__(self, home, env):
        self.base = ["tmux", "-S", str(home / "tmux"), "-f", "/dev/null"]
        size = ["-x", str(WIDTH), "-y", str(HEIGHT)]
        self.tmux("new-session", "-d", *size, "neomutt", "-F", str(home / "neomuttrc"), env=env)

    def tmux(self, *words, env=None):
        return subprocess.run([*self.base, *words], env=env, check=True, capture_output=True, text=True).stdout

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def seen(self):
        return self.tmux("capture-pane", "-p")

    def wait_for(self, text, seconds=60):
        """Waits until `text` is on the screen, and gives the screen."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if text in (seen := self.seen()):
                return seen
            time.sleep(0.1)
        sys.exit(f"Gave up after {seconds} s: no {text!r} on the screen:\n{seen.strip()}")

    def close(self):
        subprocess.run([*self.base, "kill-server"], capture_output=True)


def prepare(kept, email, home):
    """Makes the mailbox and the key ring; gives the environment to run in."""
    for folder in ("box/cur", "box/new", "box/tmp", "saved"):
        (home / folder).mkdir(parents=True)
    mail = (kept / f"mails/to-{email}.eml").read_bytes().replace(b"\r\n", b"\n")
    (home / "box/cur/1.1.here:2,S").write_bytes(mail)
    (home / "neomuttrc").write_text(RC.format(box=home / "box", home=home, saved=home / "saved"))
    ring = home / "gnupg"
    ring.mkdir(mode=0o700)
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "GNUPGHOME": str(ring), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    gpg = ["gpg", "--batch", "--quiet", "--import"]
    for keys in (kept / f"{email}-secret-key.asc", kept / "relay-cert.asc"):
        subprocess.run([*gpg, str(keys)], env=env, check=True)
    # Both were compared by telephone.
    listed = subprocess.run(["gpg", "--batch", "--with-colons", "-k"], env=env, check=True, capture_output=True, text=True)
    trust = "".join(f"{fpr}:6:\n" for fpr in re.findall(r"(?m)^pub:.*\nfpr:+(\w+):", listed.stdout))
    subprocess.run(["gpg", "--batch", "--quiet", "--import-ownertrust"], env=env, input=trust, text=True, check=True)
    return env


def look(terminal):
    """Opens the mail and the list of its parts; gives both screens."""
    terminal.wait_for("Documents received")
    terminal.press("Enter")
    mail = terminal.wait_for("End of PGP/MIME")
    terminal.press("v")
    return mail, terminal.wait_for("s:Save")


def save_all(terminal, parts, folder):
    """Saves every part that has a name of the relay's, and gives their names."""
    names = re.findall(r"\b(\d\d-[a-z]+\.[a-z0-9]+)\b", parts)
    for name in names:
        # Walks to it: a search of the list wants what stands in it.
        terminal.press("/")
        # With it the last "saved" is gone from the line.
        terminal.wait_for("Search for:")
        terminal.press("-l", re.escape(name))
        terminal.press("Enter", "s")
        terminal.wait_for("Save to file:")
        terminal.press("C-a", "C-k")
        terminal.press("-l", str(folder / name))
        terminal.press("Enter")
        terminal.wait_for("Attachment saved")
    return names


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    missing = [program for program in ("neomutt", "gpg", "tmux") if not shutil.which(program)]
    if missing:
        sys.exit(f"Missing: {', '.join(missing)}. On Debian: apt-get install neomutt gnupg tmux")
    kept, email, written = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        home = pathlib.Path(work)
        env = prepare(kept, email, home)
        terminal = Terminal(home, env)
        try:
            mail, parts = look(terminal)
            names = save_all(terminal, parts, home / "saved")
            saved = {name: (home / "saved" / name).read_bytes() for name in names}
        finally:
            terminal.close()
            subprocess.run(["gpgconf", "--kill", "all"], env=env)
    tidy = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in (mail + parts).splitlines())).strip()
    written.write_text(tidy + "\n")
    print(tidy)
    decrypted = {path.name: path.read_bytes() for path in (kept / "decrypted").iterdir() if path.suffix != ".eml"}
    held = {
        "shown as decrypted": "The following data is PGP/MIME signed and encrypted" in mail,
        "shown as well signed by the relay": "Good signature from" in mail,
        "the client's words are shown": "Hello Alice, here are my papers" in mail,
        "the summary is shown": "What came: 3 documents" in mail,
        "three documents are among the parts": len(names) == 3,
        "what is saved is what was sent": sorted(saved.values()) == sorted(decrypted.values()),
    }
    for promise, held_up in held.items():
        print(f"{'held' if held_up else 'BROKEN':8}{promise}")
    sys.exit(not all(held.values()))


if __name__ == "__main__":
    main()
