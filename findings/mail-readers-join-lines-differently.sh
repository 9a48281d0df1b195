#!/usr/bin/env bash
# Two valid ways to break a line in a mail, and what four mail readers make of a price that is broken so.
#
#   flowed   text/plain; format=flowed; delsp=yes: the blank at a line's end and the line end go (RFC 3676, 4.2)
#   padded   quoted-printable: a soft break is `=`, blanks that transport put behind it, and the line end; the blanks
#            are deleted first (RFC 2045, 6.7, rule 3)
#
# Seen 2026-11-29 with PyPI mail-parser 4.8.0 and eml-parser 4.4.0, npm postal-mime 4.0.0 and mailparser 3.14.2:
#
#              flowed "9 / 5 dollars"     padded "9= / 5 dollars"
#   postal-mime    95 dollars                 9= 5 dollars
#   mailparser     95 dollars                 95 dollars
#   mail-parser    9 5 dollars                9= 5 dollars
#   eml-parser     9 5 dollars                9= 5 dollars
#
# So one mail states two prices, and a checker built on the reader that does not join sees another figure than the
# customer. Needs python3 with pip and node with npm; fails if any of the above changes.
set -euo pipefail
export LC_ALL=C
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env >/dev/null
env/bin/pip install -q mail-parser==4.8.0 eml-parser==4.4.0
npm install --silent --no-audit --no-fund postal-mime@4.0.0 mailparser@3.14.2 >/dev/null

head='From: a@bank.example\r\nTo: b@example.com\r\nSubject: Plan\r\nMIME-Version: 1.0\r\n'
printf "${head}Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n\r\nIt costs 9 \r\n5 dollars.\r\n" > flowed.eml
printf "${head}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nIt costs 9= \r\n5 dollars.\r\n" > padded.eml

cat > read.py <<'PY'
import sys
import eml_parser
import mailparser

for name in ("flowed", "padded"):
    path = f"{name}.eml"
    text = {
        "mail-parser": mailparser.parse_from_file(path).text_plain[0],
        "eml-parser": eml_parser.EmlParser(include_raw_body=True).decode_email(path)["body"][0]["content"],
    }
    for reader, words in text.items():
        print(name, reader, " ".join(words.split()))
PY
cat > read.mjs <<'JS'
import fs from 'node:fs';
import PostalMime from 'postal-mime';
import { simpleParser } from 'mailparser';
for (const name of ['flowed', 'padded']) {
  const raw = fs.readFileSync(`${name}.eml`);
  const flat = (text) => text.split(/\s+/).filter(Boolean).join(' ');
  console.log(name, 'postal-mime', flat((await PostalMime.parse(raw)).text));
  console.log(name, 'mailparser', flat((await simpleParser(raw)).text));
}
JS
{ env/bin/python read.py; node read.mjs; } | sort > seen
cat > expected <<'SEEN'
flowed eml-parser It costs 9 5 dollars.
flowed mail-parser It costs 9 5 dollars.
flowed mailparser It costs 95 dollars.
flowed postal-mime It costs 95 dollars.
padded eml-parser It costs 9= 5 dollars.
padded mail-parser It costs 9= 5 dollars.
padded mailparser It costs 95 dollars.
padded postal-mime It costs 9= 5 dollars.
SEEN
cat seen
diff expected seen
echo "as seen on 2026-11-29"
