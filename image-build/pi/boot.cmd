# Runs in U-Boot: starts the slot that slots.txt names first, and takes one from its tries where it is new. A slot that has
# none left, or cannot be read, gives way to the other one. What writes slots.txt: image-build/appliance/counted.py
if test "${board}" != qemu-arm; then
    setenv kernel_addr_r 0x04000000
    setenv ramdisk_addr_r 0x10000000
fi
setenv disk "${devtype} ${devnum}:${distro_bootpart}"
setenv first a
setenv a_tries good
setenv b_tries 0
if load ${disk} ${kernel_addr_r} slots.txt; then
    env import -t ${kernel_addr_r} ${filesize}
fi
if test "${first}" = b; then
    setenv other a
    setenv tries ${b_tries}
else
    setenv first a
    setenv other b
    setenv tries ${a_tries}
fi
setenv slot ${first}
if test "${tries}" = 0; then
    setenv slot ${other}
elif test "${tries}" != good; then
    setexpr tries ${tries} - 1
    setenv ${first}_tries ${tries}
    env export -t ${kernel_addr_r} first a_tries a_version b_tries b_version
    fatwrite ${disk} ${kernel_addr_r} slots.txt ${filesize}
fi
for one in ${slot} ${other} ${first}; do
    setenv bootargs
    if load ${disk} ${kernel_addr_r} ${one}/entry; then
        env import -t ${kernel_addr_r} ${filesize} bootargs
        if load ${disk} ${kernel_addr_r} ${one}/vmlinuz && load ${disk} ${ramdisk_addr_r} ${one}/initrd.img; then
            booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr}
        fi
    fi
done
reset
