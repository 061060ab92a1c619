/* SPDX-License-Identifier: MIT */
/*
 * Replaces a file as a whole, in a directory that may belong to a user who wants to misuse us. That
 * user can delete, rename or replace what is in the directory at any time. So nothing that exists
 * is opened: the text goes to a new file beside it, which is then renamed.
 */
#ifndef NSLS_REPLACE_FILE_H
#define NSLS_REPLACE_FILE_H

#include <stdio.h>

/*
 * Makes the file have this text and mode 0644. Readers see the old file or the new one, never a
 * part of one; both are on disk when the call returns. On an error, the old file is kept.
 *
 * A symbolic link is replaced, not followed; FIFOs, devices, sockets and directories are refused.
 * Links in the path of the directory are followed if root or our effective user owns them: a link
 * of anybody else could lead to any directory.
 *
 * Returns 0, or -errno after a line on err.
 */
int replace_file(const char *path, const char *text, size_t len, FILE *err);

#endif
