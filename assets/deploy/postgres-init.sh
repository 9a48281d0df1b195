#!/bin/sh
# The workers' role. It owns nothing: `echovoice database migrate --grant echovoice` says what it may.
set -eu
psql -v ON_ERROR_STOP=1 -v word="$(cat /run/secrets/ledger)" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE echovoice LOGIN PASSWORD :'word';
SQL
