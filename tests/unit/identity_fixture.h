/* SPDX-License-Identifier: MIT */
/* Cgroup files as text, and what they are expected to tell. Trouble fails the test. */
#ifndef IDENTITY_FIXTURE_H
#define IDENTITY_FIXTURE_H

#include "nsls/enrich.h"

#include "small_world.h"

#define ID_A "84b8394540fbadce35032bcb36f8ab7e75064f20650f38af63729f3d2b0ad7ce"
#define ID_B "d1d5e64ac8d972a2f942da2c4b43f3828c1d48ccab9470f519484a65ceac543b"
#define POD "2fc932ce-fdcc-454b-97bd-aadfdeb4c340"
#define POD_ "2fc932ce_fdcc_454b_97bd_aadfdeb4c340"

/* An arena for the identities of one test. */
int identity_set_up(void **state);
int identity_tear_down(void **state);

/* Of a file with these bytes. */
struct identity parse_bytes(const char *bytes, size_t len);
struct identity parse(const char *text);

/* Of a process with that path in the unified hierarchy. */
struct identity identify(const char *path);

/* That two texts are equal, of which either may be NULL. */
void assert_text(const char *what, const char *path, const char *got, const char *expected);

void assert_tells_nothing(const struct identity *identity);

#endif
