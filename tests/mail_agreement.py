"""Asks other mail parsers for the text of the corpus, and says where they and EchoVoice read differently.

Not part of the tests: it needs parsers from PyPI (mail-parser, eml_parser) and npm (postal-mime, mailparser).

    ECHOVOICE_MAIL_CORPUS=DIR cargo test --test reading the_corpus_is_written_for_others
    python3 tests/mail_agreement.py DIR [FOLDER_WITH_node_modules]
"""

import email
import email.policy
import html
import json
import pathlib
import re
import subprocess
import sys

BAD = "returns are guaranteed: you cannot lose money."

NODE = """
import fs from 'node:fs';
import path from 'node:path';
import PostalMime from 'postal-mime';
import { simpleParser } from 'mailparser';
const dir = process.argv[2];
const out = {};
for (const name of fs.readdirSync(dir).filter((n) => n.endsWith('.eml'))) {
  const raw = fs.readFileSync(path.join(dir, name));
  const text = (v) => [].concat(v || []).join('\\n');
  const row = {};
  try {
    const m = await PostalMime.parse(raw);
    const files = m.attachments.map((a) => new TextDecoder().decode(a.content));
    row['postal-mime'] = [m.subject, m.from?.name, m.text, m.html, ...files].join('\\n');
  } catch (e) { row['postal-mime'] = 'error ' + e.message; }
  try {
    const m = await simpleParser(raw, { skipTextToHtml: true });
    const files = m.attachments.map((a) => a.content.toString('utf8'));
    row['mailparser'] = [m.subject, text(m.from?.text), m.text, m.html, ...files].join('\\n');
  } catch (e) { row['mailparser'] = 'error ' + e.message; }
  out[name] = row;
}
console.log(JSON.stringify(out));
"""


def squeezed(text):
    text = re.sub(r"<[^>]*>", " ", html.unescape(text or ""))
    return re.sub(r"\s+", " ", text).lower()


def stdlib(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    texts = [str(message.get("subject", "")), str(message.get("from", ""))]
    for part in message.walk():
        if part.get_content_maintype() == "text":
            texts.append(part.get_content())
        texts.append(str(part.get("subject", "")))
    return "\n".join(texts)


def of_package(name, raw):
    if name == "mail-parser":
        import mailparser

        mail = mailparser.parse_from_bytes(raw)
        texts = [mail.subject or "", mail.body, *mail.text_plain, *mail.text_html]
        return "\n".join(texts)
    import eml_parser

    parsed = eml_parser.EmlParser(include_raw_body=True).decode_email_bytes(raw)
    return "\n".join(body.get("content", "") for body in parsed["body"])


def main():
    folder = pathlib.Path(sys.argv[1])
    rows = json.loads((folder / "read.json").read_text())
    others = {}
    if len(sys.argv) > 2:
        script = pathlib.Path(sys.argv[2]) / "read.mjs"
        script.write_text(NODE)
        done = subprocess.run(["node", script, folder.resolve()], capture_output=True, text=True, check=True, cwd=sys.argv[2])
        others = json.loads(done.stdout)
    counts = {}
    for row in rows:
        raw = (folder / row["file"]).read_bytes()
        read = dict(others.get(row["file"], {}))
        for name, reader in [
            ("stdlib", stdlib),
            ("mail-parser", lambda raw: of_package("mail-parser", raw)),
            ("eml_parser", lambda raw: of_package("eml_parser", raw)),
        ]:
            try:
                read[name] = reader(raw)
            except ModuleNotFoundError:
                continue
            except Exception as error:  # a parser that fails is an answer too
                read[name] = f"error {type(error).__name__}: {error}"
        ours = BAD in squeezed("\n".join(row["texts"]))
        for name, text in read.items():
            theirs = BAD in squeezed(text)
            count = counts.setdefault(name, {"same": 0, "only here": [], "only there": []})
            if theirs == ours:
                count["same"] += 1
            else:
                count["only here" if ours else "only there"].append(row["name"] + ("" if not row["common"] else " (common)"))
    for name, count in sorted(counts.items()):
        print(f"{name}: {count['same']} of {len(rows)} the same")
        print("  only here: " + "; ".join(count["only here"]))
        print("  only there: " + "; ".join(count["only there"]))


main()
