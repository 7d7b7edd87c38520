#!/usr/bin/env bash
# install_runsc.sh FILE: put a runsc binary there. Says what it did; quick and harmless again.
#
# Needs no root: the package is downloaded and unpacked, not installed, and the machine's own
# package sources stay as they are. Exit code 0: a runsc is there. 1: it is not, and the text
# on standard error says what to do.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TARGET=$(realpath -m "${1:?where to put runsc}")
WANTED="0.0~20240729.0-4~bpo12+2"

explain() {
    cat >&2 <<TEXT
Python steps need gVisor's runsc, and it could not be fetched here: $1
Do one of these, then run 'treadle setup' again:
  - on Debian 12, as root:  apt-get install -t bookworm-backports runsc   (add the backports first)
  - on Debian 13, as root:  apt-get install runsc
  - elsewhere: put the runsc release binary on the PATH, or name it in TREADLE_RUNSC
Everything but Python steps works without it.
TEXT
    exit 1
}

if [ -x "$TARGET" ]; then
    echo "runsc: $TARGET ($("$TARGET" --version | head -n 1))"
    exit 0
fi
if command -v runsc >/dev/null; then
    echo "runsc: $(command -v runsc) ($(runsc --version | head -n 1))"
    exit 0
fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || explain "this is not a Debian machine."

# shellcheck source=sandbox_runner/installation/apt_private.sh
. "$HERE/apt_private.sh"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
private_apt_setup "$WORK/apt" || explain "the package lists could not be read."

cd "$WORK"
fetched=""
for version in "=$WANTED" "/$APT_RELEASE-backports" "/$APT_RELEASE"; do
    if private_apt apt-get -qq download "runsc$version" 2>"$WORK/error"; then
        fetched=$version
        break
    fi
done
[ -n "$fetched" ] || explain "$(tail -n 1 "$WORK/error")"

dpkg-deb -x runsc_*.deb unpacked
mkdir -p "$(dirname "$TARGET")"
install -m 0755 unpacked/usr/bin/runsc "$TARGET.new"
mv "$TARGET.new" "$TARGET"
echo "runsc: $TARGET ($("$TARGET" --version | head -n 1))"
