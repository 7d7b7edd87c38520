# Sourced by install_runsc.sh and build_rootfs.sh: an apt of our own beside the machine's.
#
# It reads the machine's apt configuration (mirror, proxy, certificates, keys) but keeps its own
# source list, package lists and cache, so the machine's sources never change and no root is needed.
# bookworm is asked for on every Debian, so that the sandbox is the same everywhere.

APT_RELEASE=bookworm

# Print the base address of the Debian archive that this machine uses already, or fail.
debian_mirror() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(IDENTIFIER)' 2>/dev/null |
        awk '$4 == "Packages" && $3 == "main" && $2 !~ /security/ { print $1; exit }'
}

# private_apt_setup FOLDER: write the source list and fetch the package lists into FOLDER.
private_apt_setup() {
    PRIVATE_APT=$1
    local mirror keys
    mirror=$(debian_mirror)
    if [ -z "$mirror" ]; then
        echo "No Debian archive is configured for apt on this machine." >&2
        return 1
    fi
    mkdir -p "$PRIVATE_APT/lists/partial" "$PRIVATE_APT/cache/archives/partial" "$PRIVATE_APT/parts"
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    local option=""
    [ -r "$keys" ] && option="[signed-by=$keys]"
    printf 'deb %s %s %s main\n' \
        "$option" "$mirror" "$APT_RELEASE" \
        "$option" "$mirror" "$APT_RELEASE-updates" \
        "$option" "$mirror" "$APT_RELEASE-backports" >"$PRIVATE_APT/sources.list"
    : >"$PRIVATE_APT/status"
    private_apt apt-get -qq update
}

# Run an apt command on the private folders only.
private_apt() {
    local command=$1
    shift
    "$command" \
        -o Dir::Etc::SourceList="$PRIVATE_APT/sources.list" \
        -o Dir::Etc::SourceParts="$PRIVATE_APT/parts" \
        -o Dir::State="$PRIVATE_APT" \
        -o Dir::State::Lists="$PRIVATE_APT/lists" \
        -o Dir::State::status="$PRIVATE_APT/status" \
        -o Dir::Cache="$PRIVATE_APT/cache" \
        -o APT::Sandbox::User="$(id -un)" \
        "$@"
}
