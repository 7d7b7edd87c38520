#!/usr/bin/env bash
# build_rootfs.sh FOLDER: build the sandbox's read-only Python root there, from Debian packages.
#
# No package script runs, no shell and no setuid file gets in. It is built aside and renamed, and
# a stamp makes the second call instant. Needs no root.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TARGET=$(realpath -m "${1:?where to build the root}")
RECIPE=$(sha256sum "${BASH_SOURCE[0]}" | cut -d ' ' -f 1)
STAMP="$TARGET/etc/treadle-rootfs"
PACKAGES="libc6 libgcc-s1 libstdc++6 zlib1g libbz2-1.0 liblzma5 libsqlite3-0 libffi8 libssl3
    libexpat1 libuuid1 libcrypt1 libtinfo6 libncursesw6 libreadline8 libdb5.3 libnsl2 libtirpc3
    libgssapi-krb5-2 libk5crypto3 libkrb5-3 libkrb5support0 libcom-err2 libkeyutils1
    python3.11-minimal libpython3.11-minimal libpython3.11-stdlib python3.11
    media-types tzdata ca-certificates"

if [ "$(cat "$STAMP" 2>/dev/null)" = "$RECIPE" ]; then
    echo "rootfs: $TARGET"
    exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    cat >&2 <<TEXT
The sandbox's Python root is built from Debian packages, and this is not a Debian machine.
Build it on one by 'treadle setup', copy the folder here and name it in TREADLE_SANDBOX_ROOTFS.
TEXT
    exit 1
fi

# shellcheck source=sandbox_runner/installation/apt_private.sh
. "$HERE/apt_private.sh"
mkdir -p "$(dirname "$TARGET")"
WORK=$(mktemp -d "$TARGET.building.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
private_apt_setup "$WORK/apt"
mkdir "$WORK/packages" "$WORK/root"
cd "$WORK/packages"
# shellcheck disable=SC2086
private_apt apt-get -qq download $PACKAGES
for package in *.deb; do
    dpkg-deb -x "$package" "$WORK/root"
done

cd "$WORK/root"
rm -rf usr/share/doc usr/share/man usr/share/locale usr/share/lintian usr/share/bug usr/sbin \
    var boot media mnt srv run home root opt sbin
mkdir -p tmp proc dev sys treadle layer run in out build tools etc var/tmp
ln -sf python3.11 usr/bin/python3
echo 'sandbox:x:65534:65534:sandbox:/tmp:/nonexistent' >etc/passwd
echo 'sandbox:x:65534:' >etc/group
echo '127.0.0.1 localhost' >etc/hosts
: >etc/resolv.conf
# The packages' scripts would have written this bundle; without it no TLS peer can be checked.
mkdir -p etc/ssl/certs
find usr/share/ca-certificates -name '*.crt' -exec cat {} + >etc/ssl/certs/ca-certificates.crt
# A read-only root never compiles; unchecked hashes spare the guest a stat of every source.
python=$(command -v python3.11 "${TREADLE_PYTHON:-}" | head -n 1 || true)
if [ -n "$python" ]; then
    "$python" -m compileall -q -j 0 -s "$WORK/root" --invalidation-mode unchecked-hash \
        usr/lib/python3.11 >/dev/null 2>&1 || true
fi
find . -perm /6000 -exec chmod ug-s {} +
chmod -R u+rwX,go+rX,go-w .
chmod 1777 tmp var/tmp
echo "$RECIPE" >etc/treadle-rootfs

rm -rf "$TARGET.old"
[ -e "$TARGET" ] && mv "$TARGET" "$TARGET.old"
mv "$WORK/root" "$TARGET"
rm -rf "$TARGET.old"
echo "rootfs: $TARGET ($(du -sh "$TARGET" | cut -f 1))"
