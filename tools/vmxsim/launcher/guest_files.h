/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* What the guest is made of: kernel, module, image. */
#ifndef VMXSIM_GUEST_FILES_H
#define VMXSIM_GUEST_FILES_H

struct run;

/* Find the parts of the guest, then make its image.  0 or EXIT_LAUNCHER. */
int guest_find(struct run *run);
int guest_make_image(const struct run *run);

#endif
