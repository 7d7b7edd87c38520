#!/usr/bin/env bash
# Build .sandbox/rootfs-testsuite: the sandbox's root and CPython's own tests, for our tests only.
#
# The tests are those of Debian's package for the very Python that the root has. The files of the
# root are shared with it by hard links. Needs no root; a stamp makes the second call instant.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ROOT="$HERE/.sandbox/rootfs"
TARGET="$HERE/.sandbox/rootfs-testsuite"
STAMP="$TARGET/etc/treadle-testsuite"
PACKAGE=libpython3.11-testsuite

if [ ! -e "$ROOT/etc/treadle-rootfs" ]; then
    echo "There is no sandbox root at $ROOT; run 'make setup' first." >&2
    exit 1
fi
# The folder's own number changes when the root is built anew, whatever its recipe.
RECIPE="$(cat "${BASH_SOURCE[0]}" "$ROOT/etc/treadle-rootfs" | sha256sum | cut -d ' ' -f 1) $(stat -c %i "$ROOT")"
if [ "$(cat "$STAMP" 2>/dev/null)" = "$RECIPE" ]; then
    echo "testsuite: $TARGET"
    exit 0
fi

# shellcheck source=sandbox_runner/installation/apt_private.sh
. "$HERE/sandbox_runner/installation/apt_private.sh"
WORK=$(mktemp -d "$TARGET.building.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
private_apt_setup "$WORK/apt"
cd "$WORK"
private_apt apt-get -qq download "$PACKAGE"
dpkg-deb -x "$PACKAGE"_*.deb package

cp -al "$ROOT" root
# Never written through a link: some files of the package are in the root, too.
cp -a --remove-destination package/usr/lib/python3.11/test root/usr/lib/python3.11/
chmod -R u+rwX,go+rX,go-w root/usr/lib/python3.11/test
echo "$RECIPE" >root/etc/treadle-testsuite

rm -rf "$TARGET"
mv root "$TARGET"
echo "testsuite: $TARGET"
