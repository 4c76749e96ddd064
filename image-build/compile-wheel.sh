#!/bin/sh
# Compiles one Python package inside a Debian root: compile-wheel.sh ROOT SOURCE WHEEL-HOUSE
set -eu

root=$1 source=$2 house=$3
mkdir "$root/in"
cp "$source" "$house"/setuptools-*.whl "$house"/pip-*.whl "$root/in/"
chroot "$root" sh -eu -c '
    cd /in
    for wheel in *.whl; do python3 -m zipfile -e "$wheel" lib; done
    PYTHONPATH=/in/lib python3 -m pip wheel --no-deps --no-index --no-build-isolation --wheel-dir out ./*.tar.gz'
cp "$root"/in/out/*.whl "$house/"
