#!/usr/bin/env bash
# The Debian package names what it needs, and what is in it runs.
. "$(dirname "$0")/lib.sh"
cpack --config "$BUILD/CPackConfig.cmake" -B packages > log.txt || fail "cpack: $(cat log.txt)"
package=$(echo "$PWD"/packages/fsbi-mpi_*.deb)
for needed in openmpi-bin libopenmpi3 libhdf5-openmpi libgsl libopenblas libfftw3 libfyaml libc6; do
    dpkg-deb -f "$package" Depends | grep -q "$needed" || fail "the package does not ask for $needed"
done
dpkg-deb -x "$package" root
mpirun -n 2 root/usr/bin/fsbi_mpi root/usr/share/fsbi_mpi/configs/null.yaml --set model.wait=0.01 > log.txt ||
    fail "the program in the package: $(cat log.txt)"
[ -f root/usr/share/fsbi_mpi/jobs/campaign.sbatch ] ||
    fail "no job scripts in the package"
