#!/usr/bin/env bash
# What is wrong with the browser app short of running it: a client that is not the API's, types, style.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

kept=$(mktemp)
trap 'rm -f "$kept"' EXIT
.venv/bin/python -m functions.openapi_document >web/openapi.json
tools/build_web.sh npm exec --silent -- openapi-typescript openapi.json --output "$kept" >/dev/null
if ! cmp -s "$kept" web/src/api/schema.d.ts; then
    echo "web/src/api/schema.d.ts is not the client of this API: run 'make api' and commit it." >&2
    exit 1
fi
tools/build_web.sh npm run --silent types
tools/build_web.sh npm run --silent lint
