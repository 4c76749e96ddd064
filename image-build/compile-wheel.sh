#!/bin/sh
# Compiles one Python package inside a Debian root: compile-wheel.sh ROOT SOURCE WHEEL-HOUSE
set -eu

root=$1 source=$2 house=$3
mkdir "$root/in"
cp "$source" "$house"/setuptools-*.whl "$house"/pip-*.whl "$root/in/"
chroot "$root" sh -eu -c '
    cd /in
    for wheel in *.whl; do python3 -m zipfile -e "$wheel" lib; done
    # In a folder of a fixed name and without what names it: the same bytes each time.
    mkdir source
    tar -xf ./*.tar.gz -C source --strip-components=1
    CFLAGS=-g0 LDFLAGS=-Wl,--build-id=none PYTHONPATH=/in/lib python3 -m pip wheel --no-deps --no-index \
        --no-build-isolation --wheel-dir out ./source'
cp "$root"/in/out/*.whl "$house/"
