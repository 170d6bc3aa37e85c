/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The files of the guest: kernel, module, image. */
#ifndef VMXSIM_GUEST_FILES_H
#define VMXSIM_GUEST_FILES_H

#include "launcher/options.h"

/* Sets @run->kernel_file by --kernel.  Returns 0 or EXIT_LAUNCHER. */
int guest_find_kernel(struct run *run);

/* Finds the parts of the guest, then makes its image.  Returns 0 or EXIT_LAUNCHER. */
int guest_find(struct run *run);
int guest_make_image(const struct run *run);

/* Runs @argv, the command line of `image`, with the arguments that all runs have. */
int guest_run_image(const struct run *run, struct strings *argv);

#endif
