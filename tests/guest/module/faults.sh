#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# A host with faults, over the backdoor: after a fault at any hypercall, a request gets the right
# answer or fails with a clear error, and the next request is served. faults.c makes the checks,
# once with the high-bandwidth backdoor (hb) and once with the low-bandwidth backdoor (lb).
# Hypercalls: all
# Kernels: all
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

program faults
for bandwidth in hb lb; do
	run --timeout 300 --set vmxsim.transport.vmci=FALSE --add "$work/faults:/tests/faults" \
		--add /usr/bin/vmware-rpctool -- /tests/faults "$bandwidth"
	adopt "$bandwidth"
done
finish
