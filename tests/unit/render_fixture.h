/* SPDX-License-Identifier: MIT */
/* A view of a model made by hand. */
#ifndef RENDER_FIXTURE_H
#define RENDER_FIXTURE_H

#include "nsls/query.h"
#include "nsls/view.h"

#include "hand_model.h"
#include "run_words.h"

extern struct view view;

int render_set_up(void **state);
int render_tear_down(void **state);

#endif
