/* SPDX-License-Identifier: MIT */
/* Keeps answers of tests for the one test that judges all JSON of the suite by its schemas. */
#ifndef KEEP_JSON_H
#define KEEP_JSON_H

/* Writes an answer, if it is JSON, to a new file in the directory $NSLS_KEEP_JSON, if that is set.
 */
void keep_json(const char *answer);

#endif
