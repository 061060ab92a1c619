/* SPDX-License-Identifier: MIT */
/*
 * The names that a shell's completion offers, one per line: what the option --complete prints. It
 * is for the completions alone, so neither --help nor the manual page has it.
 */
#ifndef NSLS_COMPLETE_H
#define NSLS_COMPLETE_H

#include "nsls/cli/options.h"
#include "nsls/model/model.h"

/*
 * Prints the names of network namespaces and, with COMPLETE_OF, those of all else that --of takes;
 * that needs the identities of all tasks. Others choose names, and shells expand what a completion
 * offers: only those are printed that mean nothing to any shell.
 */
void complete_print(const struct model *model, uint32_t names_mnt, enum complete what, FILE *out);

#endif
