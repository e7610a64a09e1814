#!/usr/bin/env python3
"""Opens a sealed mail in the real Thunderbird, as a caseworker would, and takes pictures of what is seen.

    sealdrop demo --keep /tmp/demo
    tests/look/thunderbird.py /tmp/demo alice@example.org /tmp/opened.png

It makes a throw-away profile with one account, puts the mail into its inbox, imports the reader's secret key and the
relay's certificate, and opens the mail on a screen of its own. It prints what Thunderbird says of the mail, and fails
when the mail is not shown as encrypted and well signed or an attachment is missing. It installs nothing: it needs
thunderbird (128 or later), Xvfb and ImageMagick's `import` (Debian: thunderbird xvfb imagemagick). It reaches no network.

Thunderbird is driven through Marionette, the remote control that Mozilla's own tests use.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PREFS = {
    "mail.accountmanager.accounts": "account1,account2",
    "mail.accountmanager.defaultaccount": "account1",
    "mail.accountmanager.localfoldersserver": "server2",
    "mail.account.account1.identities": "id1",
    "mail.account.account1.server": "server1",
    "mail.account.account2.server": "server2",
    "mail.identity.id1.valid": True,
    "mail.server.server1.type": "pop3",
    "mail.server.server1.hostname": "localhost",
    "mail.server.server1.userName": "reader",
    "mail.server.server1.directory-rel": "[ProfD]Mail/reader",
    "mail.server.server1.check_new_mail": False,
    "mail.server.server1.login_at_startup": False,
    "mail.server.server2.type": "none",
    "mail.server.server2.hostname": "Local Folders",
    "mail.server.server2.userName": "nobody",
    "mail.server.server2.name": "Local Folders",
    "mail.server.server2.directory-rel": "[ProfD]Mail/Local Folders",
    # What would stand in the picture or call out.
    "app.donation.eoy.version.viewed": 999,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "mail.inappnotifications.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mail.spam.version": 1,
    "mailnews.start_page.enabled": False,
    "network.dns.offline-localhost": True,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "privacy.userContext.enabled": False,
}

IMPORT_KEYS = """
const [secret, relay] = args;
const { RNP } = ChromeUtils.importESModule("chrome://openpgp/content/modules/RNP.sys.mjs");
const { PgpSqliteDb2 } = ChromeUtils.importESModule("chrome://openpgp/content/modules/sqliteDb.sys.mjs");
const { EnigmailKeyRing } = ChromeUtils.importESModule("chrome://openpgp/content/modules/keyRing.sys.mjs");
const mine = await RNP.importSecKeyBlockImpl(null, () => ({}), false, secret);
const theirs = await RNP.importPubkeyBlockAutoAcceptImpl(null, relay, "verified");
EnigmailKeyRing.clearCache();
await PgpSqliteDb2.acceptAsPersonalKey(EnigmailKeyRing.getKeyById(mine.importedKeys[0]).fpr);
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const identity = MailServices.accounts.defaultAccount.defaultIdentity;
identity.setUnicharAttribute("openpgp_key_id", mine.importedKeys[0].slice(-16));
return [mine.exitCode, mine.importedKeys, theirs.exitCode, theirs.importedKeys];
"""

OPEN_MAIL = """
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const window = Services.wm.getMostRecentWindow("mail:3pane");
window.resizeTo(screen.width, screen.height);
window.moveTo(0, 0);
const pane = window.document.getElementById("tabmail").currentAbout3Pane;
const inbox = MailServices.accounts.defaultAccount.incomingServer.rootFolder.getChildNamed("Inbox");
pane.displayFolder(inbox.URI);
while (!pane.gDBView?.rowCount || !pane.threadTree._selection) await new Promise(r => setTimeout(r, 100));
pane.threadTree.selectedIndex = 0;
return inbox.URI;
"""

READY = """
return !!Services.wm.getMostRecentWindow("mail:3pane")?.document.getElementById("tabmail")?.currentAbout3Pane?.threadTree;
"""

VIEW = """
const window = Services.wm.getMostRecentWindow("mail:3pane");
const view = window.document.getElementById("tabmail").currentAboutMessage;
const shown = view.getMessagePaneBrowser().contentDocument;
"""

# The summary comes last: once it is there, all of the mail is.
SEEN = VIEW + """
const icon = id => view.document.getElementById(id)?.src.replace(/.*\\/|\\.svg$/g, "");
const body = shown?.body?.innerText ?? "";
const photos = [...(shown?.images ?? [])].map(i => [new URL(i.src).searchParams.get("filename"), i]);
return {
    complete: body.includes("What came: ") && photos.every(([_, image]) => image.complete),
    body,
    subject: view.document.getElementById("expandedsubjectBox").textContent.trim(),
    attachments: view.currentAttachments.map(a => [a.name, a.contentType, a.size]),
    photos: Object.fromEntries(photos.map(([name, image]) => [name, image.naturalWidth])),
    encrypted: icon("encryptedHdrIcon"),
    signed: icon("signedHdrIcon"),
};
"""

SCROLL = VIEW + """
view.toggleAttachmentList(!!args[0]);
const page = shown.defaultView;
page.scrollTo(0, args[0] * shown.body.scrollHeight);
const frame = () => new Promise(done => page.requestAnimationFrame(done));
await frame();
await frame();
"""


class Thunderbird:
    """A running Thunderbird, spoken to through Marionette: JSON arrays with their length before them."""

    def __init__(self, port):
        self.socket, self.buffer, self.count = socket.create_connection(("127.0.0.1", port)), b"", 0
        self.receive()
        self.command("WebDriver:NewSession")
        self.command("Marionette:SetContext", value="chrome")
        self.command("WebDriver:SetTimeouts", script=60000)

    def receive(self):
        while b":" not in self.buffer:
            self.buffer += self.socket.recv(65536)
        length, _, rest = self.buffer.partition(b":")
        while len(rest) < int(length):
            rest += self.socket.recv(65536)
        self.buffer = rest[int(length):]
        return json.loads(rest[:int(length)])

    def command(self, name, **parameters):
        self.count += 1
        message = json.dumps([0, self.count, name, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self.receive()
        if error:
            raise RuntimeError(f"{name}: {error['message']}")
        return result

    def run(self, script, *args):
        wrapped = (
            "const done = arguments[arguments.length - 1], args = Array.from(arguments).slice(0, -1);"
            "(async () => {" + script + "})().then(value => done({ value }), e => done({ error: `${e}\\n${e.stack}` }));"
        )
        answer = self.command("WebDriver:ExecuteAsyncScript", script=wrapped, args=list(args), sandbox="system")["value"]
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("value")

def profile(where, email, mail):
    """Makes a profile whose one account has `mail` in its inbox."""
    for folder in ("Mail/reader", "Mail/Local Folders"):
        (where / folder).mkdir(parents=True)
    received = mail.read_bytes().replace(b"\r\n", b"\n")
    (where / "Mail/reader/Inbox").write_bytes(b"From - Wed Nov 25 04:00:00 2026\n" + received + b"\n")
    prefs = PREFS | {
        "mail.identity.id1.useremail": email,
        "mail.identity.id1.fullName": email.split("@")[0].title(),
        "mail.server.server1.name": email,
        "marionette.port": free_port(),
    }
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in prefs.items())
    (where / "user.js").write_text("".join(lines))
    return prefs["marionette.port"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, attempt, seconds=60):
    """Calls `attempt` until it gives something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := attempt():
                return found
        except (OSError, RuntimeError):
            pass
        time.sleep(0.2)
    sys.exit(f"Gave up after {seconds} s: {what}.")


def screen(started):
    """Starts an X server on a display that it chooses itself; gives its name."""
    read, write = os.pipe()
    options = ["-displayfd", str(write), "-screen", "0", "1280x1000x24", "-nolisten", "tcp"]
    started.append(subprocess.Popen(["Xvfb", *options], pass_fds=[write], stderr=subprocess.DEVNULL))
    os.close(write)
    with os.fdopen(read) as number:
        return ":" + number.readline().strip()


def look(kept, email, picture, work, started):
    """Opens the mail, takes the pictures, and gives what Thunderbird says of it."""
    port = profile(work / "profile", email, kept / f"mails/to-{email}.eml")
    env = os.environ | {"DISPLAY": screen(started), "HOME": str(work), "MOZ_CRASHREPORTER_DISABLE": "1", "TZ": "UTC"}
    env.pop("WAYLAND_DISPLAY", None)
    options = ["--profile", str(work / "profile"), "--no-remote", "--marionette", "--remote-allow-system-access"]
    log = open(work / "log", "wb")
    # A session of its own: /usr/bin/thunderbird is a script, and what it starts must end with it.
    started.append(subprocess.Popen(["thunderbird", *options], env=env, stdout=log, stderr=log, start_new_session=True))
    thunderbird = wait_for("Thunderbird did not start", lambda: Thunderbird(port))
    wait_for("Thunderbird shows no window", lambda: thunderbird.run(READY))
    secret, relay = (kept / f"{email}-secret-key.asc").read_text(), (kept / "relay-cert.asc").read_text()
    thunderbird.run(IMPORT_KEYS, secret, relay)
    thunderbird.run(OPEN_MAIL)
    seen = wait_for("the mail was not opened", lambda: (seen := thunderbird.run(SEEN))["complete"] and seen)
    for name, scroll in ((picture, 0), (picture.with_stem(picture.stem + "-end"), 1)):
        thunderbird.run(SCROLL, scroll)
        subprocess.run(["import", "-window", "root", str(name)], env=env, check=True)
    return seen


def stop(process):
    """Ends a process that was started here, with what it started."""
    try:
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGTERM)
        else:
            process.terminate()
    except ProcessLookupError:
        pass
    process.wait()


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    missing = [program for program in ("thunderbird", "Xvfb", "import") if not shutil.which(program)]
    if missing:
        sys.exit(f"Missing: {', '.join(missing)}. On Debian: apt-get install thunderbird xvfb imagemagick")
    kept, email, picture, started = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]), []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        try:
            seen = look(kept, email, picture, pathlib.Path(work), started)
        finally:
            for process in reversed(started):
                stop(process)
    print(seen["body"])
    for field in ("subject", "encrypted", "signed", "attachments", "photos"):
        print(f"{field}: {seen[field]}")
    held = {
        "shown as encrypted": seen["encrypted"] == "message-encrypted-ok",
        "shown as signed by a verified key": seen["signed"] == "message-signed-verified",
        "the subject is the inner one": seen["subject"].endswith("] Documents received"),
        "every document of the list is attached": seen["attachments"]
        and all(f"\n{name}: " in seen["body"] for name, _, _ in seen["attachments"]),
        "photos are shown": seen["photos"] and all(seen["photos"].values()),
    }
    for promise, held_up in held.items():
        print(f"{'held' if held_up else 'BROKEN':8}{promise}")
    sys.exit(not all(held.values()))


if __name__ == "__main__":
    main()
