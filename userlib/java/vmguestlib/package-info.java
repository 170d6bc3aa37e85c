// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/**
 * This package is the vSphere Guest SDK in Java. It uses the two C libraries of the SDK.
 */
package vmguestlib;
