#!/bin/sh
# Makes an appliance of a Debian root: customize.sh ROOT. In the environment: WHEELS, PROJECT, COMPATIBLE, LOADER,
# KERNEL_LINE, KEYRING, RELEASE.
set -eu

root=$1
inside() { chroot "$root" "$@"; }

# the programs, from the wheel-house alone
mkdir "$root/wheels"
cp "$WHEELS"/*.whl "$WHEELS/requirements.txt" "$root/wheels/"
inside python3 -m venv --without-pip /opt/antesala
inside sh -eu -c '/opt/antesala/bin/python "$(echo /wheels/pip-*.whl)/pip" install --no-index --find-links /wheels --no-deps \
    --no-compile --no-cache-dir --require-hashes -r /wheels/requirements.txt'
rm -rf "$root/wheels"
# what nobody runs there: pip, and Qt's tools for programmers
site=$(echo "$root"/opt/antesala/lib/python3.*/site-packages)
rm -rf "$site"/pip "$site"/pip-*.dist-info "$root"/opt/antesala/bin/pip* "$root"/opt/antesala/bin/pyside6-*
qt=$site/PySide6
for tool in "$qt"/*; do
    [ ! -f "$tool" ] || [ ! -x "$tool" ] || case $tool in *.so | *.so.* | *.py) ;; *) rm "$tool" ;; esac
done
rm -rf "$qt"/include "$qt"/typesystems "$qt"/glue "$qt"/doc "$qt"/support "$qt"/scripts "$qt"/*.pyi \
    "$qt"/Qt/libexec "$qt"/Qt/translations "$qt"/Qt/metatypes "$qt"/Qt/lib/libQt6Designer* "$qt"/QtDesigner* \
    "$qt"/Qt/plugins/designer "$qt"/Qt/plugins/qmltooling "$qt"/Qt/plugins/sqldrivers "$qt"/Qt/qml/QtTest \
    "$qt"/Qt/qml/Qt/labs

# the appliance's own files, units and users
cp -R --preserve=mode "$PROJECT/image-build/rootfs/." "$root/"
DESTDIR=$root "$PROJECT/systemd/install.sh" appliance
mkdir -p "$root/data" "$root/boot/firmware" "$root/etc/rauc" "$root/usr/lib/antesala"
cp "$KEYRING" "$root/etc/rauc/keyring.pem"
sed -i "s/@COMPATIBLE@/$COMPATIBLE/" "$root/etc/rauc/system.conf"
options="root=PARTLABEL=antesala-@SLOT@ rootfstype=squashfs ro rauc.slot=@SLOT@ $KERNEL_LINE"
case $LOADER in
    systemd-boot)
        printf '%s\n' 'title Antesala (@SLOT@)' 'sort-key antesala' 'linux /@SLOT@/vmlinuz' \
            'initrd /@SLOT@/initrd.img' "options $options"
        ;;
    u-boot) printf '%s\n' "bootargs=$options" ;;
esac > "$root/usr/lib/antesala/entry"
printf '%s\n' "$RELEASE" > "$root/usr/lib/antesala/release"
ln -sf /opt/antesala/bin/antesala-slots "$root/usr/lib/antesala/slots"
ln -sf /run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
ln -sf /usr/share/zoneinfo/UTC "$root/etc/localtime"
echo antesala > "$root/etc/hostname"
echo LANG=C.UTF-8 > "$root/etc/default/locale"
chmod 0600 "$root/etc/usbguard/rules.conf"
# systemd would open SSH on sockets of its own
mkdir -p "$root/etc/systemd/system-generators"
ln -sf /dev/null "$root/etc/systemd/system-generators/systemd-ssh-generator"

# no way to a shell from the screen or a keyboard, nothing that runs by itself
for unit in getty@.service autovt@.service serial-getty@.service console-getty.service container-getty@.service \
    debug-shell.service ctrl-alt-del.target apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
for unit in ssh.service ssh.socket mosquitto.service wpa_supplicant.service usbguard-dbus.service; do
    inside systemctl disable --quiet "$unit" 2>/dev/null || :
done
inside systemctl enable --quiet systemd-networkd.service systemd-resolved.service systemd-timesyncd.service \
    nftables.service usbguard.service seatd.service
inside systemctl set-default --quiet multi-user.target
inside passwd --quiet --lock root

inside update-initramfs -u -k all
for file in vmlinuz initrd.img; do
    mv "$(ls "$root"/boot/$file-*)" "$root/boot/$file"
done
rm -f "$root"/usr/lib/modules/*/vmlinuz
# a board's firmware package filled the FAT partition, which is ours to fill
rm -rf "${root:?}"/boot/firmware/*
rm -f "$root"/boot/System.map-* "$root"/boot/config-* "$root"/vmlinuz* "$root"/initrd.img*

# what would differ from one build to the next
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/* "$root"/var/lib/dbus/machine-id \
    "$root"/etc/ssh/ssh_host_* "$root"/var/backups/* "${root:?}/root"/.cache "$root"/etc/*- "$root"/tmp/* \
    "$root"/var/lib/systemd/random-seed "$root"/var/lib/systemd/credential.secret "$root"/var/lib/dpkg/*-old \
    "$root"/var/lib/initramfs-tools "$root"/var/lib/ucf "$root"/etc/mailcap
find "$root/var/log" -type f -delete
: > "$root/etc/machine-id"
find "$root/usr/lib/python3" "$root"/usr/lib/python3.* "$root/opt/antesala" -name __pycache__ -prune -exec rm -rf {} +
# Python itself brings files that are meant to be wrong: they do not end it.
inside python3 -m compileall -q -j 1 --invalidation-mode unchecked-hash /usr/lib/python3 /usr/lib/python3.13 \
    /opt/antesala/lib || :
