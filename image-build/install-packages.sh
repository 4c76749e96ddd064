#!/bin/sh
# Installs the Debian packages of a list that this machine lacks; asks for sudo when not root.
set -eu

list=$1
missing=
provided=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}, ${Provides}\n' | sed -n 's/^ii *//p' |
    tr ',' '\n' | sed 's/(.*//; s/ //g')
for package in $(sed 's/#.*//' "$list"); do
    printf '%s\n' "$provided" | grep -qx "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "install-packages: these Debian packages are missing:$missing. Install them, or sudo." >&2
        exit 1
    }
    as_root=sudo
fi
echo "setup: installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update
# shellcheck disable=SC2086
$as_root apt-get -qq -y --no-install-recommends install $missing >/dev/null
