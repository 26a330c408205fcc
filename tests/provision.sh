#!/bin/sh
# Installs the servers and the browser that tests start, from Debian's packages, where they are missing and this user may.
# No service is started: a policy-rc.d that forbids it stands while apt works. Without the right to install it says in
# one line what is missing and therefore not tested; with CI=true that is a failure.
set -eu

PATH="$PATH:/usr/sbin:/sbin"
POLICY=/usr/sbin/policy-rc.d
SLAPD="slapd slapd-contrib ldap-utils openssl"
SAMBA="samba samba-ad-dc samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind"
DATABASE="postgresql"
BROWSER="chromium"
PAPER="poppler-utils fonts-noto-core fonts-droid-fallback"
FONTS="/usr/share/fonts/truetype"

missing() {
    found=""
    for program in slapd slapadd ldapsearch openssl samba samba-tool chromium pdftotext; do
        command -v "$program" >/dev/null 2>&1 || found="$found $program"
    done
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || found="$found postgresql"
    [ -e "$FONTS/noto/NotoSansArabic-Regular.ttf" ] || found="$found fonts-noto-core"
    [ -e "$FONTS/droid/DroidSansFallbackFull.ttf" ] || found="$found fonts-droid-fallback"
    echo "$found"
}

give_up() {
    echo "tests: not installed:$(missing); tests that need them are skipped ($1)" >&2
    [ "${CI:-}" = true ] && exit 1
    exit 0
}

[ -z "$(missing)" ] && exit 0
command -v apt-get >/dev/null 2>&1 || give_up "no apt-get here"
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif [ "${CI:-}" = true ] && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    give_up "to have them: sudo sh tests/provision.sh"
fi

kept=""
restore() {
    $as_root rm -f "$POLICY"
    if [ -n "$kept" ]; then $as_root mv "$kept" "$POLICY"; fi
}
if [ -e "$POLICY" ]; then
    kept="$POLICY.before-tests"
    $as_root mv "$POLICY" "$kept"
fi
trap restore EXIT
trap 'exit 1' INT TERM
printf '#!/bin/sh\nexit 101\n' | $as_root tee "$POLICY" >/dev/null
$as_root chmod 755 "$POLICY"

echo "tests: installing$(missing)" >&2
export DEBIAN_FRONTEND=noninteractive
{
    $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $SLAPD $SAMBA $DATABASE $BROWSER \
            $PAPER
} >/dev/null || true
[ -z "$(missing)" ] || give_up "apt-get could not install them"
