/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text of the host may be any bytes: nothing of it may steer a terminal or spoil a
 * document.
 */
#ifndef VMGUEST_TEXT_H
#define VMGUEST_TEXT_H

/* UTF-8 for sure, to be freed: control characters and wrong bytes become U+FFFD. */
char *clean_text(const char *text);

#endif
