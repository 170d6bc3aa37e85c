/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The commands of open-vm-tools that scripts call for statistics, as far as
 * they are about them. argv is that of main().
 */
#ifndef VMGUEST_COMPAT_H
#define VMGUEST_COMPAT_H

int compat_toolbox_cmd(int argc, char **argv);
int compat_vmtoolsd(int argc, char **argv);

/* The release of open-vm-tools whose answers these are. */
#define COMPAT_VERSION	API_VERSION ".0 (build-0)"

#endif
