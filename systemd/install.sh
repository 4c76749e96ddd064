#!/bin/sh
# Makes this machine a kiosk, a display or a hub: users, folders, units. As root; DESTDIR for an image.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=${DESTDIR:-}
case ${1:-} in
    kiosk | display | hub) role=$1 wanted=antesala-$1.target ;;
    # Its roles stand in its antesala.toml, which it reads at each start.
    appliance) role=$1 wanted="antesala-boot.service antesala-well.service" ;;
    *)
        echo "usage: install.sh kiosk|display|hub|appliance   (DESTDIR=folder for an image)" >&2
        exit 2
        ;;
esac

put() { install -D -m 0644 -t "$root/$1" "$2"/*; }
put usr/lib/systemd/system "$here/units"
put usr/lib/sysusers.d "$here/sysusers.d"
put usr/lib/tmpfiles.d "$here/tmpfiles.d"
put usr/lib/systemd/journald.conf.d "$here/journald.conf.d"
put usr/lib/udev/rules.d "$here/udev"
put usr/lib/modules-load.d "$here/modules-load.d"
install -d "$root/usr/local/bin"
ln -sf /opt/antesala/bin/antesalactl "$root/usr/local/bin/antesalactl"
systemd-sysusers ${root:+--root="$root"}
systemd-tmpfiles ${root:+--root="$root"} --create antesala.conf
# shellcheck disable=SC2086
systemctl ${root:+--root="$root"} enable --quiet $wanted
if [ "$role" = hub ] || [ "$role" = appliance ]; then
    systemctl ${root:+--root="$root"} enable --quiet antesala-broker-revoked.path
fi
if [ -z "$root" ]; then
    systemctl daemon-reload
    systemctl restart systemd-journald
    for late in "udevadm control --reload" "udevadm trigger" "systemctl restart systemd-modules-load"; do
        $late || echo "install.sh: '$late' failed: it counts from the next boot on" >&2
    done
fi
[ -n "$root" ] || echo "this machine is a $role from its next boot on; now: systemctl start $wanted"
