#!/usr/bin/env bash
# Set up everything that Treadle needs, from nothing. Quick and harmless when run again.
#
#   tools/setup.sh                  what it takes to run
#   tools/setup.sh --test-servers   and the servers that the tests start
#
# As root on Debian it installs what is missing; otherwise it says what to install.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$HERE"
STAMP=.venv/treadle-setup

# The machine's own certificates, as every other tool uses them; uv would bring its own.
if [ -r /etc/ssl/certs/ca-certificates.crt ]; then
    export UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-1}
fi

say() { echo "setup: $*" >&2; }

fail() {
    say "$@"
    exit 1
}

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# apt PACKAGE…: install from Debian without starting any service.
apt() {
    local guard=/usr/sbin/policy-rc.d made=""
    say "installing $*"
    if [ ! -e "$guard" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$guard"
        chmod +x "$guard"
        made=1
    fi
    # Configured already or not, an install that lacks fresh lists gets them and tries once more.
    local status=0
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y "$@" >&2 ||
        { apt-get -qq update >&2 &&
            DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y "$@" >&2; } ||
        status=$?
    [ -z "$made" ] || rm -f "$guard"
    return $status
}

# Print a uv that works: the machine's, or one of our own in .uv.
find_uv() {
    if command -v uv >/dev/null && uv --version >/dev/null 2>&1; then
        command -v uv
    elif [ -x .uv/bin/uv ]; then
        echo "$HERE/.uv/bin/uv"
    else
        install_uv >&2
        echo "$HERE/.uv/bin/uv"
    fi
}

# Debian's python refuses a global pip install (PEP 668), so uv gets an environment of its own.
install_uv() {
    say "fetching uv"
    if ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
        may_install || fail "install uv (https://docs.astral.sh/uv), or as root:" \
            "apt-get install python3-venv. Then run this again."
        apt python3 python3-venv ca-certificates
    fi
    rm -rf .uv
    python3 -m venv .uv
    .uv/bin/pip install --quiet --disable-pip-version-check uv
}

# What is installed is right as long as this text is the same.
recipe() { sha256sum requirements.lock pyproject.toml tools/setup.sh; }

install_python() {
    local uv
    if [ "$(cat "$STAMP" 2>/dev/null)" = "$(recipe)" ] && [ -x .venv/bin/treadle ]; then
        return
    fi
    uv=$(find_uv)
    if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        say "making .venv"
        # Python 3.11 if there is one, then any newer; fetched by uv only if there is neither.
        "$uv" venv --quiet --clear --no-python-downloads --python 3.11 .venv 2>/dev/null ||
            "$uv" venv --quiet --clear --python '>=3.11' .venv ||
            fail "there is no Python 3.11 or newer; install one (Debian: apt-get install python3)."
    fi
    say "installing the Python packages of requirements.lock"
    "$uv" pip install --quiet --python .venv/bin/python --require-hashes -r requirements.lock
    "$uv" pip install --quiet --python .venv/bin/python --no-deps -e .
    recipe >"$STAMP"
}

install_sandbox() {
    # Without it everything but Python steps works, and it has said what to do.
    .venv/bin/treadle setup >/dev/null || true
}

install_testsuite() {
    # CPython's own tests, to run them in the sandbox; without them those tests say what lacks.
    tools/build_testsuite.sh >/dev/null || true
}

install_test_servers() {
    local missing=()
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null ||
        missing+=(postgresql)
    command -v redis-server >/dev/null || missing+=(redis-server)
    command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! may_install; then
        say "tests on PostgreSQL, on Redis and in a browser need: ${missing[*]}" \
            "(Debian, as root: apt-get install ${missing[*]})"
        return 0
    fi
    # The tests start servers of their own; a default cluster would only lie about.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/treadle.conf
    apt "${missing[@]}"
}

install_python
install_sandbox
tools/build_web.sh
if [ "${1:-}" = --test-servers ]; then
    install_testsuite
    install_test_servers
fi
