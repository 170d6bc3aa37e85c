// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/**
 * The vSphere Guest SDK in Java, over its two C libraries.
 */
package vmguestlib;
